// 2.13 of the protocol notes: CONNECT and namespaces.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { RS, Server, eventually, it, sleep } from "./harness.mjs";
import { ask, call, closes, connect, drain, join, lives, open, pollingSocket } from "./talk.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let server;
let lab;
before(async () => {
  [server, lab] = await Promise.all([Server.start("socketio", ...QUIET), Server.start("lab", ...QUIET, "--connect-timeout-ms", "20000")]);
});
after(() => Promise.all([server.stop(), lab.stop()]));

describe("2.13 CONNECT", { concurrency: 8 }, () => {
  it("2.13 there is no implicit root: nothing comes before CONNECT", async () => {
    const ws = await open(lab);
    assert.equal(await Promise.race([ws.packet(), sleep(150)]), undefined);
    ws.close();
  });
  it("2.13 CONNECT is answered with a new sid of 20 characters and nothing else", async () => {
    const ws = await open(server);
    ws.send("40");
    const reply = await ws.packet();
    assert.match(reply, /^40\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
    ws.close();
  });
  it("2.13 the sid of a socket is not the sid of its transport", async () => {
    const ws = server.ws();
    const eio = JSON.parse((await ws.next()).slice(1)).sid;
    ws.send("40");
    assert.notEqual(JSON.parse((await ws.packet()).slice(2)).sid, eio);
    ws.close();
  });
  it("2.13 there is one sid for each connection and namespace", async () => {
    const ws = await connect(server);
    const first = ws.sid;
    await join(ws, "/custom");
    assert.notEqual(ws.sid, first);
    const other = await connect(server);
    assert.equal(new Set([first, ws.sid, other.sid]).size, 3);
    ws.close();
    other.close();
  });
  it("2.13 the auth object is handed on, in the root and in another namespace", async () => {
    for (const nsp of ["", "/custom,"]) {
      const ws = await open(server);
      ws.send(`40${nsp}{"token":"123","a":[1,{"b":null}]}`);
      assert.match(await ws.packet(), /^40/);
      assert.equal(await ws.packet(), `42${nsp}["auth",{"token":"123","a":[1,{"b":null}]}]`);
      ws.close();
    }
  });
  it("2.13 the CONNECT reply and the first event come one after the other", async () => {
    const { sid } = await server.open();
    await server.post(sid, "40");
    const got = await drain(server, sid, 2);
    assert.match(got[0], /^40\{"sid"/);
    assert.equal(got[1], '42["auth",{}]');
    await server.post(sid, "1");
  });
  it("2.13 the CONNECT reply and the first event are not in one body", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    await server.post(sid, "40");
    assert.match((await hanging.answer).body, /^40\{"sid":"[^"]*"\}$/);
    assert.equal((await server.poll(sid)).body, '42["auth",{}]');
    await server.post(sid, "1");
  });
});

describe("2.13 refusals", { concurrency: 8 }, () => {
  it("2.13 an unknown namespace is refused and the connection stays open", async () => {
    const ws = await open(server);
    for (const nsp of ["/random", "/Custom", "/custom/x"]) {
      ws.send(`40${nsp}`);
      assert.equal(await ws.packet(), `44${nsp},{"message":"Invalid namespace"}`);
    }
    ws.send("40/custom,");
    assert.match(await ws.packet(), /^40\/custom,\{"sid"/);
    ws.close();
  });
  it('2.13 "40/custom?a=b," is a namespace of that name', async () => {
    const ws = await open(server);
    ws.send("40/custom?a=b,");
    assert.equal(await ws.packet(), '44/custom?a=b,{"message":"Invalid namespace"}');
    ws.close();
  });
  it("2.13 a refusal by the application has its message and data, data left out when there is none", async () => {
    const ws = await open(lab);
    ws.send("40/lab-deny,");
    assert.equal(await ws.packet(), '44/lab-deny,{"message":"denied","data":{"code":7}}');
    ws.send("40/lab-deny-plain,");
    assert.equal(await ws.packet(), '44/lab-deny-plain,{"message":"denied"}');
    ws.close();
  });
  for (const packet of ["40", '42/custom,["message",1]', '43/custom,1["x"]', "41/custom,", '44{"message":"x"}', '44"x"', "42["]) {
    it(`2.13 ${packet} after CONNECT closes the connection`, async () => {
      const ws = await connect(server);
      ws.send(packet);
      await closes(ws);
    });
  }
  it("2.13 an event before any CONNECT closes", async () => {
    const ws = await open(server);
    ws.send('42["message",1]');
    await closes(ws);
  });
  it("2.13 an event right behind a CONNECT that is not answered yet closes", async () => {
    const ws = await open(lab);
    ws.send("40/lab-pending,");
    ws.send('42/lab-pending,["x"]');
    await closes(ws);
  });
  it("2.13 an event right behind a CONNECT that is answered at once is taken", async () => {
    const { sid } = await server.open();
    await server.post(sid, ["40", '421["message-with-ack","a"]'].join(RS));
    const got = await drain(server, sid, 3);
    assert.equal(got[2], '431["a"]');
    await server.post(sid, "1");
  });
  it("2.13 more namespaces than the limit are refused", async () => {
    const ws = await open(lab);
    for (let i = 0; i < 32; i++) ws.send(`40/lab-pending${i ? i : ""},`);
    ws.send("40/lab-more,");
    let message;
    do message = await ws.packet();
    while (!message.startsWith("44"));
    assert.equal(message, '44/lab-more,{"message":"Too many namespaces"}');
    ws.close();
  });
});

describe("2.13 connectTimeout", { concurrency: 8 }, () => {
  it("2.13 who connects to no namespace in time is closed, also after refusals", async () => {
    const begin = performance.now();
    const silent = await open(server);
    const refused = await open(server);
    refused.send("40/random");
    await refused.packet();
    await closes(silent);
    await closes(refused);
    assert.ok(performance.now() - begin > 980);
  });
  it("2.13 a polling session that connects to no namespace gets its close", async () => {
    const { sid } = await server.open();
    const hanging = await server.hang(sid);
    assert.match((await hanging.answer).body, /^(6\x1e)?1$/);
  });
  it("2.13 a connection whose last namespace was left stays, and may connect again with a new sid", async () => {
    const ws = await connect(server);
    const first = ws.sid;
    ws.send("41");
    await sleep(1100);
    await join(ws);
    assert.notEqual(ws.sid, first);
    await lives(ws);
    ws.close();
  });
  it("2.13 leaving one namespace leaves the others alone", async () => {
    const ws = await connect(server);
    await join(ws, "/custom");
    ws.send("41/custom,");
    await lives(ws);
    ws.close();
  });
});

describe("2.13 dynamic namespaces", { concurrency: 8 }, () => {
  it("2.13 a name that a matcher takes is there for the first that comes", async () => {
    const ws = await connect(lab, "/lab-anything");
    assert.deepEqual(await call(ws, "/lab-anything", "message-with-ack", 1), [1]);
    ws.close();
  });
  it("2.13 two simultaneous CONNECTs make it once", async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => open(lab)));
    for (const ws of all) ws.send("40/lab-twice,");
    for (const ws of all) {
      assert.match(await ws.packet(), /^40\/lab-twice,/);
      await ws.packet();
    }
    const [names] = await call(all[0], "/lab-twice", "nsps");
    assert.equal(names.filter((name) => name === "/lab-twice").length, 1);
    await call(all[0], "/lab-twice", "join", "r");
    await call(all[9], "/lab-twice", "join", "r");
    assert.deepEqual(await call(all[5], "/lab-twice", "size", "r"), [2]);
    for (const ws of all) ws.close();
  });
  it("2.13 an empty one goes, also when its client was refused", async () => {
    const watcher = await connect(lab);
    const ws = await connect(lab, "/lab-passing");
    assert.ok((await ask(watcher, "nsps")).includes("/lab-passing"));
    ws.close();
    await eventually(async () => !(await ask(watcher, "nsps")).includes("/lab-passing"));
    const refused = await open(lab);
    refused.send("40/lab-deny,");
    await refused.packet();
    await eventually(async () => !(await ask(watcher, "nsps")).includes("/lab-deny"));
    refused.close();
    watcher.close();
  });
  it("2.13 a connection that goes while the decision is pending leaves nothing of the rooms it joined", async () => {
    const watcher = await connect(lab, "/lab-slow-watch");
    for (let i = 0; i < 3; i++) {
      const gone = await open(lab);
      gone.send("40/lab-slow,");
      await lab.request("GET", "transport=none");
      gone.ws.terminate();
    }
    await sleep(150);
    const ws = await open(lab);
    ws.send("40/lab-slow,");
    assert.match(await ws.packet(), /^40\/lab-slow,/);
    await ws.packet();
    assert.deepEqual(await call(ws, "/lab-slow", "size", "slow"), [1]); // itself
    ws.close();
    watcher.close();
  });
  it("2.13 a decision that comes later is answered later, and events before it are kept off", async () => {
    const ws = await open(lab);
    const begin = performance.now();
    ws.send("40/lab-slow,");
    assert.match(await ws.packet(), /^40\/lab-slow,/);
    assert.ok(performance.now() - begin >= 45);
    ws.close();
  });
  it("2.13 a server may send events before the CONNECT reply", async () => {
    const ws = await open(lab);
    ws.send("40/lab-early,");
    assert.equal(await ws.packet(), '42/lab-early,["early",1]');
    assert.match(await ws.packet(), /^40\/lab-early,\{"sid"/);
    ws.close();
  });
  it("2.13 rooms, ids and events of one namespace are not those of another", async () => {
    const polling = await pollingSocket(lab);
    const ws = await connect(lab, "/lab-other");
    await polling.post('421["join","same"]');
    await drain(lab, polling.sid, 1);
    await call(ws, "/lab-other", "join", "same");
    ws.send('42/lab-other,["to","same",1]');
    assert.equal(await ws.packet(), '42/lab-other,["news",1]');
    await polling.post('422["size","same"]');
    assert.deepEqual(await drain(lab, polling.sid, 1), ["432[1]"]);
    ws.close();
    await polling.post("1");
  });
});
