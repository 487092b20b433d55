// The profiles of conformance_server on Node's own server, with the same command line: what proves the tests before they judge ours.
//
//   node reference_server.mjs --profile engineio|socketio|engineio-client|socketio-client|lab [--port N] [...]
//
// Options that name a limit of ours alone are taken and do nothing; differences.mjs lists the tests that notice.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import * as engineioProfiles from "./reference/engineio.mjs";
import { lab } from "./reference/lab.mjs";
import { socketio } from "./reference/socketio.mjs";
import { socketioClient } from "./reference/socketio_client.mjs";

const text = { type: "string" };
const flag = { type: "boolean", default: false };
const { values } = parseArgs({
  options: {
    profile: text,
    port: text,
    eio3: flag,
    "ping-interval-ms": text,
    "ping-timeout-ms": text,
    "upgrade-timeout-ms": text,
    "connect-timeout-ms": text,
    "max-payload": text,
    "no-websocket": flag,
    "no-polling": flag,
    "no-upgrades": flag,
    "no-slash": flag,
    "no-client": flag,
    "no-http-compression": flag,
    "permessage-deflate": flag,
    msgpack: flag,
    "recovery-ms": text,
    "initial-packet": text,
    hooks: flag,
    cookie: text,
    "cookie-path": text,
    "cookie-max-age-s": text,
    cors: text,
    "cors-credentials": flag,
    "cors-max-age-s": text,
    "cors-expose": text,
    "cors-methods": text,
    "cors-headers": text,
    "cors-status": text,
    "bundle": text,
    "ws-origin": text,
    "pending-bytes": text,
    "ring-events": text,
    "request-timeout-ms": text,
    "unfinished-bytes": text,
    "handshakes-per-second": text,
    "sessions-per-address": text,
    "connections-per-address": text,
    "namespaces": text,
  },
});
const number = (name) => (values[name] === undefined ? undefined : Number(values[name]));
const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

function cors(byDefault) {
  const origins = values.cors ?? byDefault;
  if (origins === "none") return undefined;
  const list = origins.split(",");
  return defined({
    origin: origins === "reflect" ? true : list.length > 1 ? list : origins,
    credentials: values["cors-credentials"] || undefined,
    maxAge: number("cors-max-age-s"),
    exposedHeaders: values["cors-expose"],
    methods: values["cors-methods"],
    allowedHeaders: values["cors-headers"],
    optionsSuccessStatus: number("cors-status"),
  });
}

const cookie = values.cookie && defined({
  name: values.cookie,
  path: values["cookie-path"] === "none" ? false : values["cookie-path"],
  maxAge: number("cookie-max-age-s"),
});
// What both kinds of server know; a profile puts its own defaults under it.
const given = (defaults, corsByDefault = "*") => ({
  ...defaults,
  ...defined({
    pingInterval: number("ping-interval-ms"),
    pingTimeout: number("ping-timeout-ms"),
    upgradeTimeout: number("upgrade-timeout-ms"),
    connectTimeout: number("connect-timeout-ms"),
    maxHttpBufferSize: number("max-payload"),
    transports: values["no-websocket"] ? ["polling"] : values["no-polling"] ? ["websocket"] : undefined,
    allowUpgrades: values["no-upgrades"] ? false : undefined,
    addTrailingSlash: values["no-slash"] ? false : undefined,
    httpCompression: values["no-http-compression"] ? false : undefined,
    initialPacket: values["initial-packet"],
    cookie,
    cors: cors(corsByDefault),
  }),
  allowEIO3: values.eio3,
  perMessageDeflate: values["permessage-deflate"],
});

const profiles = { ...engineioProfiles, socketio, "socketio-client": socketioClient, lab };
const profile = profiles[values.profile];
if (!profile) {
  console.error("usage: reference_server.mjs --profile engineio|socketio|engineio-client|socketio-client|lab [--port N]");
  process.exit(2);
}
// What is on no path of the protocol is not found.
const http = createServer((_request, response) => response.writeHead(404).end());
const server = profile(http, given, values);
const port = Number(values.port ?? (values.profile === "socketio-client" ? 3210 : 3000));
http.once("error", (error) => {
  console.error(`conformance_server: cannot listen on 127.0.0.1:${port}: ${error.message}`);
  process.exit(3);
});
http.listen(port, "127.0.0.1", () => {
  console.error(`conformance_server: ready, listening on http://127.0.0.1:${http.address().port}`);
});
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close();
    http.close();
    setTimeout(() => process.exit(0), 50);
  });
}
