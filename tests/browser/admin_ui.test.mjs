// The unmodified pages of @socket.io/admin-ui in Chromium, hosted elsewhere, administer our server; with the argument `reference` the one that
// the pages were made for, which shows that the test asks for what is right.
//
//   node admin_ui.test.mjs [reference]
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { PASSWORD, startOurs, startReference, USER } from "../conformance/admin_servers.mjs";
import { launch } from "./browser.mjs";

const isReference = process.argv.includes("reference");
const require = createRequire(import.meta.url);
const { io } = require("socket.io-client");
const pages = path.join(path.dirname(require.resolve("@socket.io/admin-ui")), "../ui/dist");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" };
const WAIT_MS = 15_000;

async function answer(request, response) {
  const name = request.url === "/" ? "/index.html" : new URL(request.url, "http://ui").pathname;
  try {
    const body = await readFile(path.join(pages, path.normalize(name)));
    response.writeHead(200, { "content-type": TYPES[path.extname(name)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404);
    response.end();
  }
}

let host, origin, server, browser, page;
const clients = [];

before(async () => {
  host = http.createServer(answer);
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  origin = `http://127.0.0.1:${host.address().port}`;
  server = await (isReference ? startReference : startOurs)({ origin });
  browser = await launch("tests");
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
  page.setDefaultTimeout(WAIT_MS);
  // Fonts from elsewhere are not for a test.
  await page.route((url) => ![origin, server.url].includes(url.origin), (route) => route.abort());
});

after(async () => {
  for (const client of clients) client.disconnect();
  await browser?.close();
  host?.closeAllConnections();
  host?.close();
  await server?.stop();
});

async function client(nsp, options) {
  const socket = io(server.url + nsp, { forceNew: true, reconnection: false, ...options });
  clients.push(socket);
  await once(socket, "connect");
  socket.name = socket.id; // stays when it is gone
  return socket;
}

// Opens a page of the list and waits until the one before has moved out.
async function view(title) {
  await page.goto(`${origin}/#/${title.toLowerCase()}/`);
  await shown(title);
}

function shown(title) {
  return page.waitForFunction((wanted) => {
    const crumbs = [...document.querySelectorAll("main .v-breadcrumbs")];
    return crumbs.length === 1 && crumbs[0].lastElementChild.textContent.trim() === wanted;
  }, title);
}

const row = (text) => page.locator("main tbody tr", { hasText: text });

async function login(password) {
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
}

test("a wrong password is refused and the right one lets in, across origins and with credentials", async () => {
  await client("/"); // the pages show the first namespace that has a socket
  await page.goto(origin);
  await page.getByLabel("Server URL").fill(server.url);
  await page.getByLabel("Username").fill(USER);
  await login("wrong");
  await page.getByText("Invalid credentials").waitFor();
  await login(PASSWORD);
  await page.locator("form").waitFor({ state: "hidden" });
});

test("the dashboard shows the server and its namespaces", async () => {
  await client("/custom", { transports: ["polling"] });
  await row("/custom").filter({ hasText: "1" }).waitFor();
  await row("Healthy").filter({ hasText: "1" }).waitFor();
  await row("HTTP long-polling").filter({ hasText: "33" }).waitFor(); // per cent: one of three connections
});

test("clients that come and go are followed, with their transport and first request", async () => {
  await view("Sockets");
  const socket = await client("/", { transports: ["websocket"], query: { colour: "blue" } });
  await row(socket.name).filter({ hasText: "WebSocket" }).waitFor();
  await row(socket.name).click();
  await shown("Socket details");
  await row("colour").filter({ hasText: "blue" }).waitFor();
  await view("Sockets");
  socket.disconnect();
  await row(socket.name).waitFor({ state: "detached" });
});

test("a client's own joins and leaves are followed", async () => {
  const socket = await client("/");
  await view("Rooms");
  assert.equal(await socket.emitWithAck("join", "green"), true);
  await row("green").filter({ hasText: "1" }).waitFor();
  assert.equal(await socket.emitWithAck("leave", "green"), true);
  await row("green").waitFor({ state: "detached" });
});

test("events in both directions are shown", async () => {
  const socket = await client("/");
  await view("Events");
  const back = once(socket, "message-back");
  socket.emit("message", "a word");
  await back;
  await row(socket.name).filter({ hasText: "message-back" }).first().waitFor();
});

test("a socket is made to join and to leave a room from the page, and is disconnected", async () => {
  const socket = await client("/");
  await view("Sockets");
  await row(socket.name).click();
  await shown("Socket details");
  await page.getByLabel("Join a room").fill("red");
  await page.locator("main form button[type=submit]").click();
  await row("red").getByRole("button").click();
  await view("Rooms");
  await row("red").waitFor({ state: "detached" });
  await view("Sockets");
  const gone = once(socket, "disconnect");
  await row(socket.name).getByRole("button").click();
  assert.equal((await gone)[0], "io server disconnect");
  await view("Sockets"); // the click on the row's button was one on the row too
  await row(socket.name).waitFor({ state: "detached" });
});

// The reference announces the session before the CONNECT reply only, when these pages do not listen yet: they ask again.
test("a session outlives the page without the password", async () => {
  const socket = await client("/");
  await view("Sockets");
  await page.reload();
  if (isReference) {
    await page.getByText("Invalid credentials").waitFor();
  } else {
    await row(socket.name).waitFor();
    assert.equal(await page.locator("form").isVisible(), false);
  }
});

// The reference speaks msgpack or text; ours asks nothing and speaks to each client as it does.
test("the pages speak msgpack when they are told to", async () => {
  const parser = require("socket.io-msgpack-parser");
  const other = await (isReference ? startReference : startOurs)({ origin, msgpack: true });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
  const socket = io(`${other.url}/custom`, { forceNew: true, reconnection: false, parser });
  try {
    await once(socket, "connect");
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.route((url) => ![origin, other.url].includes(url.origin), (route) => route.abort());
    await page.addInitScript(() => localStorage.setItem("parser", "msgpack")); // as the pages keep the choice
    await page.goto(origin);
    await page.getByLabel("Server URL").fill(other.url);
    await page.getByLabel("Username").fill(USER);
    const frames = [];
    page.on("websocket", (ws) => ws.on("framereceived", ({ payload }) => frames.push(payload)));
    await login(PASSWORD);
    await row("/custom").filter({ hasText: "1" }).waitFor();
    assert.ok(frames.some((frame) => Buffer.isBuffer(frame) && frame.includes("server_stats")), "server_stats by msgpack");
  } finally {
    socket.disconnect();
    await context.close();
    await other.stop();
  }
});
