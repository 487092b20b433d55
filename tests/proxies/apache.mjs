// Apache from Debian, mod_proxy_http; `upgrade: "tunnel"` is the older way through mod_proxy_wstunnel.

const MODULES = "mpm_event authz_core proxy proxy_http proxy_wstunnel headers filter deflate buffer rewrite env setenvif ssl http2".split(" ");
const onUpgrade = (rule) => `RewriteEngine on
  RewriteCond %{HTTP:Upgrade} =websocket [NC]
  ${rule}`;
const rules = (upstream) => ({
  403: onUpgrade("RewriteRule .* - [F]"),
  400: onUpgrade("RewriteRule .* - [R=400,L]"),
  tunnel: onUpgrade(`RewriteRule /(.*) ws://127.0.0.1:${upstream}/$1 [P,L]`),
});

export const apache = {
  name: "apache",
  can: { http10: true, h2: true, tunnel: true, extendedConnect: true },

  async start(scene, upstream, { upgrade = "pass", buffering = false, idleS = 75, keepAlive = true, http10 = false, streaming = false, tls, whole } = {}) {
    return scene.proxy("apache", ["apache2", "httpd"], (folder, port, write) => ["-D", "FOREGROUND", "-d", folder, "-f", write("apache.conf", `
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
ServerName localhost
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
Mutex file:${folder}
ErrorLog ${folder}/error.log
LogLevel warn
Listen 127.0.0.1:${port}
StartServers 1
ServerLimit 2
ThreadsPerChild 64
MinSpareThreads 64
MaxRequestWorkers 128
Timeout ${idleS}
ProxyTimeout ${idleS}
${whole?.(port) ?? `
<VirtualHost *:${port}>
  ${tls ? `SSLEngine on\n  SSLCertificateFile ${tls.cert}\n  SSLCertificateKeyFile ${tls.key}\n  Protocols h2 http/1.1\n  H2WebSockets on` : ""}
  ${rules(upstream)[upgrade] ?? ""}
  ${http10 ? "SetEnv force-proxy-request-1.0 1\n  SetEnv proxy-nokeepalive 1" : ""}
  ${streaming ? "SetEnv proxy-sendchunked 1" : ""}
  ${buffering ? "SetOutputFilter BUFFER;DEFLATE" : ""}
  ProxyPass "/" "http://127.0.0.1:${upstream}/" ${upgrade === "pass" ? "upgrade=websocket" : ""} ${keepAlive ? "" : "disablereuse=On"}
</VirtualHost>
`}
`)], { tls, impatient: true });
  },
};
