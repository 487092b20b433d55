// haproxy from Debian. It passes upgrades by itself, also those of HTTP/2 (RFC 8441), which it turns into HTTP/1.1's.

const WEBSOCKET = "{ hdr(upgrade) -i websocket }";
const refuses = {
  403: `http-request deny deny_status 403 if ${WEBSOCKET}`,
  400: `http-request deny deny_status 400 if ${WEBSOCKET}`,
  strip: `http-request del-header upgrade\n  http-request del-header connection`,
};

export const haproxy = {
  name: "haproxy",
  can: { http10: false, h2: true, extendedConnect: true },

  async start(scene, upstream, { upgrade = "pass", buffering = false, idleS = 75, keepAlive = true, streaming = false, tls, whole, more = "" } = {}) {
    return scene.proxy("haproxy", ["haproxy"], (folder, port, write) => ["-db", "-f", write("haproxy.cfg", `
global
  maxconn 2000
  nbthread 1
${whole?.(port) ?? `
defaults
  mode http
  timeout connect 5s
  timeout client ${idleS}s
  timeout server ${idleS}s
  timeout tunnel ${idleS}s
  timeout http-request 20s
  ${keepAlive ? "http-reuse always" : "option http-server-close\n  http-reuse never"}
  ${streaming ? "" : "option http-buffer-request"}
frontend clients
  bind 127.0.0.1:${port} ${tls ? `ssl crt ${tls.pem} alpn h2,http/1.1` : ""}
  ${refuses[upgrade] ?? ""}
  ${buffering ? "compression algo gzip\n  compression type text/plain text/html application/json" : ""}
  ${more}
  default_backend servers
backend servers
  option forwardfor
  server one 127.0.0.1:${upstream}
`}
`)], { tls });
  },
};
