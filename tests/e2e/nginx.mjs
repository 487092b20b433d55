// A real nginx in front of a bridge, as an ingress of somebody else's would be.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, portAnswers } from './harness.mjs';

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync);

// Skips the whole file (ctest: 77) where it is not installed.
export function needNginx() {
  if (NGINX) return;
  console.log('skipped: nginx is not installed');
  process.exit(77);
}

// An nginx of the test's own in front of `upstream`; `locations` as in nginx.conf, UPSTREAM stands for the bridge.
export async function startNginx(house, locations) {
  const port = await freePort();
  const folder = path.join(house.folder, `nginx-${port}`);
  mkdirSync(folder);
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr warn;
${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream bridge { server 127.0.0.1:${house.bridge.port}; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    ${locations}
  }
}
`);
  const nginx = house.program(`nginx-${port}`, NGINX, ['-p', folder, '-c', file, '-e', 'stderr']);
  await nginx.start();
  await portAnswers(port);
  return `http://127.0.0.1:${port}`;
}

const PROXY = 'proxy_pass http://bridge; proxy_http_version 1.1; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;';
export const PLAIN = `${PROXY} proxy_set_header Connection "";`;
export const UPGRADE = `${PROXY} proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`;
