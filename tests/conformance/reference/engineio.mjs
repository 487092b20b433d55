// Profiles of Engine.IO alone: an echo, and what the official client's own suite expects.
import { createRequire } from "node:module";
import { attach } from "engine.io";
import { hook } from "./hooks.mjs";

const { serialize } = createRequire(createRequire(import.meta.url).resolve("engine.io"))("cookie");

function echo(http, given, values) {
  const server = attach(http, { path: "/engine.io/", ...given({ pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1e6, ...hook.options(values) }) });
  hook.headers(server, values);
  server.on("connection", (session) => session.on("message", (data) => session.send(data)));
  return server;
}

function client(http, given) {
  const server = attach(http, {
    path: "/engine.io/",
    ...given(
      {
        pingInterval: 500,
        maxHttpBufferSize: 100,
        allowRequest: (request, decide) => decide(null, !new URL(request.url, "http://x").searchParams.has("deny")),
      },
      "none",
    ),
  });
  server.on("initial_headers", (headers) => {
    const cookies = [
      serialize("1", "1", { maxAge: 86400 }),
      serialize("2", "2", { sameSite: true, path: "/", httpOnly: true, secure: true }),
      serialize("3", "3", { maxAge: 0 }),
      serialize("4", "4", { expires: new Date() }),
    ];
    headers["set-cookie"] = cookies;
  });
  server.on("connection", (session) => {
    session.send("hi");
    session.on("message", (data) => {
      if (data === "give binary") session.send(Buffer.from([0, 1, 2, 3, 4]));
      else if (data === "give utf8") session.send("пойду спать всем спокойной ночи");
      else if (data === "sendHeaders") session.send(JSON.stringify(session.transport.dataReq?.headers ?? {}));
      else session.send(data);
    });
  });
  return server;
}

export { echo as engineio, client as "engineio-client" };
