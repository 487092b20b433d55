// Caddy from Debian: a proxy written in Go, as many ingresses and clouds have one; it passes upgrades by itself.

const MATCH = "@upgrade header Connection *Upgrade*";
const refuses = { 403: `${MATCH}\n  respond @upgrade 403`, 400: `${MATCH}\n  respond @upgrade 400` };

// Its read_timeout runs on a connection that is kept too, before a request comes: with it connections are not kept.
export const caddy = {
  name: "caddy",
  // With buffer_responses it keeps the 101 to itself for ever.
  can: { http10: false, h2: true, buffersUpgrades: true },

  async start(scene, upstream, { upgrade = "pass", buffering = false, idleS, keepAlive = true, streaming = false, tls, whole } = {}) {
    return scene.proxy("caddy", ["caddy"], (folder, port, write) => ["run", "--adapter", "caddyfile", "--config", write("Caddyfile", `
{
  admin off
  auto_https off
  grace_period 1s
  servers {
    protocols h1 h2
  }
}
${whole?.(port) ?? `
${tls ? "https" : "http"}://127.0.0.1:${port} {
  bind 127.0.0.1
  ${tls ? `tls ${tls.cert} ${tls.key}` : ""}
  ${refuses[upgrade] ?? ""}
  ${buffering ? "encode gzip" : ""}
  reverse_proxy 127.0.0.1:${upstream} {
    ${{ false: "flush_interval -1", true: "", all: "buffer_responses" }[buffering]}
    ${streaming ? "" : "buffer_requests"}
    ${upgrade === "strip" ? "header_up -Upgrade\n    header_up -Connection" : ""}
    transport http {
      versions 1.1
      ${keepAlive && !idleS ? "" : "keepalive off"}
      ${idleS ? `response_header_timeout ${idleS}s\n      read_timeout ${idleS}s` : ""}
    }
  }
}
`}
`)], { tls });
  },
};
