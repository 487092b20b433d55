// 2.14 of the protocol notes: events, acknowledgements, rooms, volatile events.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Server, eventually, it, packets } from "./harness.mjs";
import { arrived, ask, closes, connect, drain, join, lives, pollingSocket } from "./talk.mjs";

const QUIET = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000"];
let lab;
before(async () => {
  lab = await Server.start("lab", ...QUIET, "--pending-bytes", "1000000", "--ring-events", "8");
});
after(() => lab.stop());

// A room of the test's own.
let rooms = 0;
const room = () => `room${rooms++}`;
const several = (count) => Promise.all(Array.from({ length: count }, () => connect(lab)));
const closeAll = (all) => all.forEach((ws) => ws.close());
const emit = (ws, ...event) => ws.send(`42${JSON.stringify(event)}`);
// The same, and the server has done it.
const shout = async (ws, ...event) => {
  emit(ws, ...event);
  await ask(ws, "message-with-ack", 1);
};

describe("2.14 acknowledgements", { concurrency: 8 }, () => {
  it("2.14 an acknowledgement has the arguments, in the root or elsewhere, and none is []", async () => {
    const ws = await connect(lab);
    ws.send('42456["message-with-ack",1,"2",{"3":[false]}]');
    assert.equal(await ws.packet(), '43456[1,"2",{"3":[false]}]');
    ws.send('420["message-with-ack"]');
    assert.equal(await ws.packet(), "430[]");
    await join(ws, "/custom");
    ws.send('42/custom,9["message-with-ack","x"]');
    assert.equal(await ws.packet(), '43/custom,9["x"]');
    ws.close();
  });
  it("2.14 answers that nobody asked for are ignored, without an id too", async () => {
    const ws = await connect(lab);
    ws.send('4399["x"]');
    ws.send('43["x"]');
    await lives(ws);
    ws.close();
  });
  it("2.14 an acknowledgement of the client is taken once", async () => {
    const ws = await connect(lab);
    ws.send('42["emit-with-ack"]');
    const id = /^42(\d+)\["emit-with-ack"\]$/.exec(await ws.packet())[1];
    ws.send(`43${id}["once"]`);
    assert.equal(await ws.packet(), '42["emit-with-ack","once"]');
    ws.send(`43${id}["twice"]`);
    await lives(ws);
    ws.close();
  });
  it("2.14 ids of the server are never used twice on one socket", async () => {
    const ws = await connect(lab);
    const ids = [];
    for (let i = 0; i < 20; i++) {
      ws.send('42["emit-with-ack"]');
      ids.push(/^42(\d+)/.exec(await ws.packet())[1]);
    }
    assert.equal(new Set(ids).size, 20);
    ws.close();
  });
  it("2.14 an event without an id gets no answer", async () => {
    const ws = await connect(lab);
    ws.send('42["message-with-ack",1]');
    assert.deepEqual(await arrived(ws), []);
    ws.close();
  });
  it("2.14 with a timeout an answer in time is handed on", async () => {
    const ws = await connect(lab);
    ws.send('425["ask","5000","a"]');
    const id = /^42(\d+)\["question","a"\]$/.exec(await ws.packet())[1];
    ws.send(`43${id}["b",{"c":1}]`);
    assert.equal(await ws.packet(), '435["answered","b",{"c":1}]');
    ws.close();
  });
  it("2.14 without an answer in time there is an error, and a later answer is dropped", async () => {
    const ws = await connect(lab);
    const begin = performance.now();
    ws.send('425["ask","80","a"]');
    const id = /^42(\d+)\["question","a"\]$/.exec(await ws.packet())[1];
    assert.equal(await ws.packet(), '435["timed out"]');
    assert.ok(performance.now() - begin >= 78);
    ws.send(`43${id}["late"]`);
    await lives(ws);
    ws.close();
  });
  it("2.14 acknowledgements over polling, both ways", async () => {
    const polling = await pollingSocket(lab);
    await polling.post('421["message-with-ack","é"]', '42["emit-with-ack",1]');
    const got = await drain(lab, polling.sid, 2);
    assert.equal(got[0], '431["é"]');
    const id = /^42(\d+)\["emit-with-ack",1\]$/.exec(got[1])[1];
    await polling.post(`43${id}["back"]`);
    assert.deepEqual(await polling.poll(), ['42["emit-with-ack","back"]']);
    await polling.post("1");
  });
});

describe("2.14 broadcast with acknowledgement", { concurrency: 8 }, () => {
  const questions = async (all) => {
    const ids = await Promise.all(all.map(async (ws) => /^42(\d+)\["question"/.exec(await ws.packet())[1]));
    return ids;
  };
  it("2.14 one id for all, the result is the first argument of each answer", async () => {
    const [asker, ...all] = await several(4);
    const r = room();
    await Promise.all(all.map((ws) => ask(ws, "join", r)));
    emitAck(asker, 5, "bcast-ack", "5000", r, "", "q");
    const ids = await questions(all);
    assert.equal(new Set(ids).size, 1);
    all.forEach((ws, i) => ws.send(`43${ids[0]}[${i},"ignored"]`));
    const [late, answers] = JSON.parse((await asker.packet()).slice(3));
    assert.equal(late, false);
    assert.deepEqual(answers.sort(), [0, 1, 2]);
    closeAll([asker, ...all]);
  });
  it("2.14 when the time is over the answers so far come with an error", async () => {
    const [asker, ...all] = await several(4);
    const r = room();
    await Promise.all(all.map((ws) => ask(ws, "join", r)));
    emitAck(asker, 5, "bcast-ack", "150", r, "", "q");
    const ids = await questions(all);
    all[1].send(`43${ids[1]}["one"]`);
    assert.equal(await asker.packet(), '435[true,["one"]]');
    all[0].send(`43${ids[0]}["late"]`);
    await lives(all[0]);
    closeAll([asker, ...all]);
  });
  it("2.14 nobody there: an empty list at once", async () => {
    const [asker] = await several(1);
    const begin = performance.now();
    emitAck(asker, 5, "bcast-ack", "5000", room(), "", "q");
    assert.equal(await asker.packet(), "435[false,[]]");
    assert.ok(performance.now() - begin < 3000);
    asker.close();
  });
  it("2.14 over polling and WebSocket together, except some", async () => {
    const [asker, ws, out] = await several(3);
    const r = room();
    const polling = await pollingSocket(lab);
    await Promise.all([ask(ws, "join", r), ask(out, "join", r), ask(out, "join", `${r}-not`)]);
    await polling.post(`421["join","${r}"]`);
    await drain(lab, polling.sid, 1);
    emitAck(asker, 5, "bcast-ack", "5000", r, `${r}-not`, { a: 1 });
    const [id] = await questions([ws]);
    const [question] = await drain(lab, polling.sid, 1);
    assert.equal(question, `42${id}["question",{"a":1}]`);
    ws.send(`43${id}["ws"]`);
    await polling.post(`43${id}["polling"]`);
    const [, answers] = JSON.parse((await asker.packet()).slice(3));
    assert.deepEqual(answers.sort(), ["polling", "ws"]);
    assert.deepEqual(await arrived(out), []);
    await polling.post("1");
    closeAll([asker, ws, out]);
  });
});
function emitAck(ws, id, ...event) {
  ws.send(`42${id}${JSON.stringify(event)}`);
}

describe("2.14 rooms", { concurrency: 8 }, () => {
  it("2.14 an event reaches the members of its room and nobody else (F7), each once; the count is right behind a join and a leave (F6, F25); join and leave are idempotent", async () => {
    const [a, b, c] = await several(3);
    const [x, y] = [room(), room()];
    assert.equal(await ask(a, "join", x), true);
    assert.equal(await ask(a, "join", x), true);
    assert.equal(await ask(b, "join", x), true);
    assert.equal(await ask(c, "join", y), true);
    assert.equal(await ask(c, "size", x), 2);
    emit(c, "to", x, 1, { a: 2 });
    emit(c, "to", y, "other");
    assert.equal(await a.packet(), '42["news",1,{"a":2}]');
    assert.equal(await b.packet(), '42["news",1,{"a":2}]');
    assert.equal(await c.packet(), '42["news","other"]');
    assert.equal(await ask(b, "leave", x), true);
    assert.equal(await ask(b, "leave", x), true);
    assert.equal(await ask(c, "size", x), 1);
    a.close();
    await eventually(async () => (await ask(c, "size", x)) === 0);
    for (const ws of [b, c]) assert.deepEqual(await arrived(ws), []);
    closeAll([b, c]);
  });
  it("2.14 each socket is in the room of its sid", async () => {
    const [a, b] = await several(2);
    assert.deepEqual(await ask(a, "rooms"), [a.sid]);
    await ask(a, "join", "z1");
    assert.deepEqual(await ask(a, "rooms"), [a.sid, "z1"]);
    emit(b, "bcast", "", a.sid, "", "private");
    assert.equal(await a.packet(), '42["news","private"]');
    assert.deepEqual(await arrived(b), []);
    closeAll([a, b]);
  });
  it("2.14 several rooms are a union without duplicates", async () => {
    const [a, b, c] = await several(3);
    const [x, y] = [room(), room()];
    for (const [ws, names] of [[a, [x, y]], [b, [x]], [c, [y]]]) for (const name of names) await ask(ws, "join", name);
    await shout(a, "bcast", "", `${x},${y}`, "", "both");
    for (const ws of [a, b, c]) assert.deepEqual(await arrived(ws), ['42["news","both"]']);
    closeAll([a, b, c]);
  });
  it("2.14 except removes who is in any of those rooms", async () => {
    const [a, b, c] = await several(3);
    const [x, y] = [room(), room()];
    for (const ws of [a, b, c]) await ask(ws, "join", x);
    await ask(b, "join", y);
    await shout(a, "bcast", "", x, y, "not b");
    assert.deepEqual(await arrived(a), ['42["news","not b"]']);
    assert.deepEqual(await arrived(b), []);
    await shout(a, "bcast", "", x, `${y},${c.sid}`, "only a");
    assert.deepEqual(await arrived(a), ['42["news","only a"]']);
    assert.deepEqual(await arrived(c), ['42["news","not b"]']);
    assert.deepEqual(await arrived(b), []);
    closeAll([a, b, c]);
  });
  it("2.14 a broadcast of a sender does not reach itself", async () => {
    const [a, b] = await several(2);
    const x = room();
    for (const ws of [a, b]) await ask(ws, "join", x);
    await shout(a, "bcast", "s", x, "", "others");
    assert.deepEqual(await arrived(a), []);
    assert.deepEqual(await arrived(b), ['42["news","others"]']);
    closeAll([a, b]);
  });
  it("2.14 without a room an event reaches the whole namespace, and no other", async () => {
    const own = await Server.start("lab", ...QUIET);
    const [a, b] = [await connect(own), await connect(own)];
    const other = await connect(own, "/lab-x");
    await shout(a, "bcast", "", "", "", "all");
    for (const ws of [a, b]) assert.deepEqual(await arrived(ws), ['42["news","all"]']);
    other.send('42/lab-x,1["message-with-ack"]');
    assert.equal(await other.packet(), "43/lab-x,1[]");
    closeAll([a, b, other]);
    await own.stop();
  });
  it("2.14 rooms of one name in two namespaces are two rooms", async () => {
    const ws = await connect(lab);
    const x = room();
    await join(ws, "/lab-a");
    await ask(ws, "join", x);
    ws.send(`42/lab-a,1["join","${x}"]`);
    assert.equal(await ws.packet(), "43/lab-a,1[true]");
    ws.send(`42/lab-a,["to","${x}",1]`);
    assert.equal(await ws.packet(), '42/lab-a,["news",1]');
    assert.deepEqual(await arrived(ws), []);
    ws.close();
  });
  it("2.14 rooms are gone after a disconnect, and a new socket of the connection is in none", async () => {
    const ws = await connect(lab);
    const x = room();
    await ask(ws, "join", x);
    ws.send("41");
    await lab.request("GET", "transport=none"); // the reference closes at a CONNECT that is read together with it
    await join(ws);
    assert.equal(await ask(ws, "size", x), 0);
    assert.deepEqual(await ask(ws, "rooms"), [ws.sid]);
    ws.close();
  });
  it("2.14 a broadcast with attachments reaches all of them whole", async () => {
    const [a, b] = await several(2);
    const x = room();
    for (const ws of [a, b]) await ask(ws, "join", x);
    a.send(`452-["bcast","","${x}","",{"_placeholder":true,"num":0},"t",{"_placeholder":true,"num":1}]`);
    a.send(Buffer.from([1]));
    a.send(Buffer.from([2, 3]));
    for (const ws of [a, b]) {
      assert.equal(await ws.packet(), '452-["news",{"_placeholder":true,"num":0},"t",{"_placeholder":true,"num":1}]');
      assert.deepEqual(await ws.packet(), Buffer.from([1]));
      assert.deepEqual(await ws.packet(), Buffer.from([2, 3]));
    }
    closeAll([a, b]);
  });
  it("2.14 acknowledgements, direct events and two rooms come in the order in which they were made", async () => {
    const ws = await connect(lab);
    const [x, y] = [room(), room()];
    await ask(ws, "join", x);
    await ask(ws, "join", y);
    const sent = [];
    for (let i = 0; i < 8; i++) {
      emit(ws, "to", i % 2 ? x : y, i);
      sent.push(`42["news",${i}]`);
      emit(ws, "message", i);
      sent.push(`42["message-back",${i}]`);
    }
    for (const expected of sent) assert.equal(await ws.packet(), expected);
    ws.close();
  });
  it("2.14 members over polling are reached in one body with acknowledgements, in order", async () => {
    const polling = await pollingSocket(lab);
    const x = room();
    await polling.post(`421["join","${x}"]`, `42["to","${x}",1]`, '42["message",2]', `42["to","${x}",3]`);
    assert.deepEqual(await drain(lab, polling.sid, 4), ["431[true]", '42["news",1]', '42["message-back",2]', '42["news",3]']);
    await polling.post("1");
  });
  it("2.14 a join after a disconnect does nothing", async () => {
    const ws = await connect(lab);
    const watcher = await connect(lab);
    const x = room();
    ws.send('42["kick","nobody"]');
    emit(ws, "join", x);
    assert.equal(await ws.packet(), "41");
    assert.equal(await ask(watcher, "size", x), 0);
    closeAll([ws, watcher]);
  });
});

describe("2.14 targets", { concurrency: 8 }, () => {
  it("2.14 fetch lists the sockets of a target", async () => {
    const [a, b, c] = await several(3);
    const [x, y] = [room(), room()];
    for (const ws of [a, b, c]) await ask(ws, "join", x);
    await ask(c, "join", y);
    assert.deepEqual((await ask(a, "fetch", x, "")).sort(), [a.sid, b.sid, c.sid].sort());
    assert.deepEqual((await ask(a, "fetch", x, y)).sort(), [a.sid, b.sid].sort());
    assert.deepEqual(await ask(a, "fetch", "nobody", ""), []);
    closeAll([a, b, c]);
  });
  it("2.14 a target joins and leaves", async () => {
    const [a, b] = await several(2);
    const [x, y] = [room(), room()];
    await ask(b, "join", x);
    await ask(a, "sockets-join", x, y);
    assert.equal(await ask(a, "size", y), 1);
    await shout(a, "to", y, 1);
    assert.deepEqual(await arrived(b), ['42["news",1]']);
    await ask(a, "sockets-leave", x, y);
    assert.equal(await ask(a, "size", y), 0);
    closeAll([a, b]);
  });
  it("2.14 a target is disconnected: from its namespace, or its whole connection", async () => {
    const [a, b, c] = await several(3);
    const [x, y] = [room(), room()];
    await ask(b, "join", x);
    await ask(c, "join", y);
    emit(a, "sockets-disconnect", x, "0");
    assert.equal(await b.packet(), "41");
    await join(b);
    emit(a, "sockets-disconnect", y, "1");
    assert.equal(await c.packet(), "41");
    await closes(c);
    await lives(a);
    closeAll([a, b]);
  });
});

describe("2.14 volatile", { concurrency: 4 }, () => {
  it("2.14 a volatile event is dropped for a poller that does not poll, and reaches one that does", async () => {
    const polling = await pollingSocket(lab);
    const x = room();
    await polling.post(`421["join","${x}"]`);
    await drain(lab, polling.sid, 1);
    await polling.post(`42["tick","${x}",1]`, `42["to","${x}",2]`, `42["tick","${x}",3]`);
    assert.deepEqual(await polling.poll(), ['42["news",2]']);
    const hanging = await lab.hang(polling.sid);
    await polling.post(`42["tick","${x}",4]`);
    assert.equal((await hanging.answer).body, '42["tick",4]');
    await polling.post("1");
  });
  const burst = async (kinds) => {
    const polling = await pollingSocket(lab);
    const hanging = await lab.hang(polling.sid);
    await polling.post(`42["burst","${kinds}"]`);
    const got = packets((await hanging.answer).body);
    await polling.post('42["message","end"]');
    while (!got.at(-1).includes("end")) got.push(...(await polling.poll()));
    got.pop();
    await polling.post("1");
    return got;
  };
  const websocketBurst = async (kinds) => {
    const ws = await connect(lab);
    emit(ws, "burst", kinds);
    const got = await arrived(ws);
    ws.close();
    return got;
  };
  for (const [mode, run] of [["polling", burst], ["websocket", websocketBurst]]) {
    it(`2.14 volatile: regular and volatile back to back, one is delivered, over ${mode}`, async () => {
      assert.deepEqual(await run("rv"), ['42["burst",0]']);
    });
    it(`2.14 volatile: two, one is delivered, over ${mode}`, async () => {
      assert.deepEqual(await run("vv"), ['42["burst",0]']);
    });
    it(`2.14 volatile: regular, volatile, regular, two are delivered, over ${mode}`, async () => {
      assert.deepEqual(await run("rvr"), ['42["burst",0]', '42["burst",2]']);
    });
    it(`2.14 volatile: binary is all or nothing, over ${mode}`, async () => {
      const got = await run("bb");
      assert.equal(got.length, 3);
      assert.equal(got[0], '452-["burst",0,{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
      assert.deepEqual(await run("rb"), ['42["burst",0]']);
    });
  }
  it("2.14 volatile: a poller that does not poll gets nothing of it, whatever it is", async () => {
    const polling = await pollingSocket(lab);
    await polling.post('42["burst","vbv"]', '421["message-with-ack"]');
    assert.deepEqual(await polling.poll(), ["431[]"]);
    await polling.post("1");
  });
});

describe("2.14 slow readers", { concurrency: 4 }, () => {
  it("2.14 a member that falls out of the ring is told, and goes on with the newest", async () => {
    const polling = await pollingSocket(lab);
    const x = room();
    await polling.post(`421["join","${x}"]`);
    await drain(lab, polling.sid, 1);
    await polling.post(...Array.from({ length: 20 }, (_, i) => `42["to","${x}",${i}]`));
    assert.deepEqual(await polling.poll(), ['42["lagged"]']);
    await polling.post(`42["to","${x}",20]`);
    assert.deepEqual(await polling.poll(), ['42["news",20]']);
    await polling.post("1");
  });
  it("2.14 missed volatile events are no lag", async () => {
    const polling = await pollingSocket(lab);
    const x = room();
    await polling.post(`421["join","${x}"]`);
    await drain(lab, polling.sid, 1);
    await polling.post(...Array.from({ length: 20 }, (_, i) => `42["tick","${x}",${i}]`));
    await polling.post(`42["to","${x}",1]`);
    assert.deepEqual(await polling.poll(), ['42["news",1]']);
    await polling.post("1");
  });
});
