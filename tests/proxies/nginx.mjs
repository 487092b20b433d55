// nginx from Debian. It refuses WebSockets by a rule, or by not passing the two headers on, as it does unless told otherwise.

const refuses = { 403: "if ($http_upgrade) { return 403; }", 400: "if ($http_upgrade) { return 400; }" };

export const nginx = {
  name: "nginx",
  // What it can do by itself, of what the cells ask for.
  can: { http10: true, h2: true },

  // upgrade: "pass", "strip", 403 or 400; buffering: the whole answer, and gzip; idleS: cuts what is silent for so long;
  // whole(port): a configuration from elsewhere.
  async start(scene, upstream, { upgrade = "pass", buffering = false, idleS = 75, keepAlive = true, http10 = false, streaming = false, tls, whole, more = "" } = {}) {
    return scene.proxy("nginx", ["nginx"], (folder, port, write) => ["-p", folder, "-e", "stderr", "-c", write("nginx.conf", `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
${whole?.(port) ?? `
  map $http_upgrade $connection_upgrade { default upgrade; '' '${keepAlive ? "" : "close"}'; }
  upstream server { server 127.0.0.1:${upstream}; ${keepAlive ? "keepalive 16;" : ""} }
  ${buffering ? "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;" : ""}
  ${more}
  server {
    listen 127.0.0.1:${port} ${tls ? "ssl http2" : ""};
    ${tls ? `ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};` : ""}
    ${refuses[upgrade] ?? ""}
    location / {
      proxy_pass http://server;
      proxy_http_version ${http10 ? "1.0" : "1.1"};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      ${upgrade === "pass" ? "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;" : `proxy_set_header Connection "${keepAlive ? "" : "close"}";`}
      proxy_buffering ${buffering ? "on" : "off"};
      proxy_request_buffering ${streaming ? "off" : "on"};
      proxy_read_timeout ${idleS}s;
      client_max_body_size 2m;
    }
  }
`}
}
`)], { tls });
  },
};
