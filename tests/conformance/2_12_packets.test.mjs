// 2.12 of the protocol notes: the grammar of Socket.IO v5 packets.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Server, it } from "./harness.mjs";
import { arrived, closes, connect, drain, join, lives, open } from "./talk.mjs";

let server;
let lab;
before(async () => {
  const quiet = ["--ping-interval-ms", "25000", "--ping-timeout-ms", "20000", "--connect-timeout-ms", "20000"];
  [server, lab] = await Promise.all([Server.start("socketio", ...quiet), Server.start("lab", ...quiet)]);
});
after(() => Promise.all([server.stop(), lab.stop()]));

const refused = {
  types: ["4", "47", '471["a"]', "4x", "4-", "4:"],
  "events without a name": ["42{}", "42[]", "42[null]", "42[true]", "42[[]]", "42[{}]"],
  "JSON that is none": ['42["a"', '42["a"]x', '42["a",]', '42["a" "b"]', '42["\\x"]', '42["\t"]', "42[01]", "42[1.]", "42[.5]", "42[+1]", "42[1e]", "42[NaN]", '42["a"] x', "42]", '42"a"'],
  "reserved names": ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "\\u0063onnect"].map((name) => `42["${name}"]`),
  disconnects: ["41{}", '41"x"', "41[]"],
  acknowledgements: ["431{}", "431null", '431"x"'],
  "packets that a server sends": ['44{"message":"x"}', '44"x"'],
  attachments: ["45", "451", "45a-", "451.23-", "45-", '450-["a"]', '4511-["a"]', "451-[]", '45-1["a"]', '451-{"a":1}', '4599999999999-["a"]'],
};
describe("2.12 what closes the connection", { concurrency: 8 }, () => {
  for (const [group, all] of Object.entries(refused)) {
    for (const packet of all) {
      it(`2.12 ${group}: ${packet.slice(1)} closes`, async () => {
        const ws = await connect(server);
        ws.send(packet);
        await closes(ws);
      });
    }
  }
  for (const packet of ["451-", `42["a",${"[".repeat(70)}${"]".repeat(70)}]`, '42999999999999999999["a"]', "43", "431"]) {
    it(`2.12 strict: ${packet.slice(1, 40)} closes`, async () => {
      const ws = await connect(server);
      ws.send(packet);
      await closes(ws);
    });
  }
  for (const auth of ["abc", "[]", "null", '"x"', "{} x", "{", "true"]) {
    it(`2.12 CONNECT with ${auth} closes`, async () => {
      const ws = await open(server);
      ws.send(`40${auth}`);
      await closes(ws);
    });
  }
});

describe("2.12 what is taken", { concurrency: 8 }, () => {
  it('2.12 an event without any payload ("42") is tolerated', async () => {
    const ws = await connect(server);
    ws.send("42");
    await lives(ws);
    ws.close();
  });
  it("2.12 the name of an event may be a number", async () => {
    const ws = await connect(server);
    ws.send("42[5]");
    ws.send("42[-1.5e+3,2]");
    await lives(ws);
    ws.close();
  });
  it('2.12 the events "error" and "connection" are allowed from clients', async () => {
    const ws = await connect(server);
    ws.send('42["error","x"]');
    ws.send('42["connection",1]');
    ws.send('42["connect2"]');
    ws.send('42["",1]');
    await lives(ws);
    ws.close();
  });
  it("2.12 white space in the JSON is taken", async () => {
    const ws = await connect(server);
    ws.send('42[ "message" , 1 , { "a" : [ ] } ]');
    const got = await ws.packet();
    assert.deepEqual(JSON.parse(got.slice(2)), ["message-back", 1, { a: [] }]);
    ws.close();
  });
  it("2.12 an id is the longest run of digits, zeros before it count for nothing", async () => {
    const ws = await connect(server);
    for (const [sent, back] of [["012", "12"], ["0", "0"], ["1234567890", "1234567890"], ["9007199254740991", "9007199254740991"]]) {
      ws.send(`42${sent}["message-with-ack",1]`);
      assert.equal(await ws.packet(), `43${back}[1]`);
    }
    ws.close();
  });
  it('2.12 a namespace runs to the first comma or the end; "40/," is the root', async () => {
    const ws = await open(server);
    ws.send("40/custom");
    assert.match(await ws.packet(), /^40\/custom,\{"sid"/);
    await ws.packet();
    ws.send("40/,");
    assert.match(await ws.packet(), /^40\{"sid"/);
    await ws.packet();
    ws.send('42/,5["message-with-ack",1]');
    assert.equal(await ws.packet(), "435[1]");
    ws.send('42/custom,5["message-with-ack","a,b"]');
    assert.equal(await ws.packet(), '43/custom,5["a,b"]');
    ws.send("41/custom");
    await lives(ws);
    ws.close();
  });
  it("2.12 values come back as they were: unicode, escapes, depth, numbers", async () => {
    const ws = await connect(server);
    const values = ["é😀\u2028\u0000\"\\/", { "": [[[]]], "ä": null }, -0.5, 1e21, true, "x".repeat(1000)];
    ws.send(`42${JSON.stringify(["message", ...values])}`);
    assert.deepEqual(JSON.parse((await ws.packet()).slice(2)), ["message-back", ...values]);
    ws.send('42["mess\\u0061ge","\\ud83d\\ude00"]');
    assert.deepEqual(JSON.parse((await ws.packet()).slice(2)), ["message-back", "😀"]);
    ws.send(`42["message",${"[".repeat(40)}${"]".repeat(40)}]`);
    assert.match(await ws.packet(), /^42\["message-back",\[{40}\]{40}\]$/);
    ws.close();
  });
  it("2.12 arguments are passed on byte for byte", async () => {
    const ws = await connect(server);
    ws.send('42["message","\\ud83d\\ude00 \\u00e9 😀 é \\n",1e2,-0,1.50,{"b":1,"a":2,"1":3}]');
    assert.equal(await ws.packet(), '42["message-back","\\ud83d\\ude00 \\u00e9 😀 é \\n",1e2,-0,1.50,{"b":1,"a":2,"1":3}]');
    ws.close();
  });
});

const PLACE = (num) => `{"_placeholder":true,"num":${num}}`;
describe("2.12 binary", { concurrency: 8 }, () => {
  it("2.12 attachments come back in events", async () => {
    const ws = await connect(server);
    ws.send(`452-["message",${PLACE(0)},{"a":${PLACE(1)}}]`);
    ws.send(Buffer.from([1, 2, 3]));
    ws.send(Buffer.from([]));
    assert.equal(await ws.packet(), `452-["message-back",${PLACE(0)},{"a":${PLACE(1)}}]`);
    assert.deepEqual(await ws.packet(), Buffer.from([1, 2, 3]));
    assert.deepEqual(await ws.packet(), Buffer.from([]));
    ws.close();
  });
  it("2.12 attachments come back in acknowledgements, with and without a namespace", async () => {
    const ws = await connect(server);
    ws.send(`451-789["message-with-ack",${PLACE(0)}]`);
    ws.send(Buffer.from([4]));
    assert.equal(await ws.packet(), `461-789[${PLACE(0)}]`);
    assert.deepEqual(await ws.packet(), Buffer.from([4]));
    await join(ws, "/custom");
    ws.send(`451-/custom,3["message-with-ack",${PLACE(0)}]`);
    ws.send(Buffer.from([5]));
    assert.equal(await ws.packet(), `461-/custom,3[${PLACE(0)}]`);
    assert.deepEqual(await ws.packet(), Buffer.from([5]));
    ws.close();
  });
  it("2.12 a binary acknowledgement of a client is taken", async () => {
    const ws = await connect(server);
    ws.send('42["emit-with-ack",1]');
    const id = /^42(\d+)\["emit-with-ack",1\]$/.exec(await ws.packet())[1];
    ws.send(`461-${id}[${PLACE(0)},"x"]`);
    ws.send(Buffer.from([9]));
    assert.equal(await ws.packet(), `451-["emit-with-ack",${PLACE(0)},"x"]`);
    assert.deepEqual(await ws.packet(), Buffer.from([9]));
    ws.close();
  });
  it("2.12 attachments over polling are base64, both ways", async () => {
    const { sid } = await server.open();
    await server.post(sid, "40");
    await drain(server, sid, 2);
    await server.post(sid, [`452-["message",${PLACE(0)},${PLACE(1)}]`, "bAQIDBA==", "bNA=="].join("\x1e"));
    assert.deepEqual(await drain(server, sid, 3), [`452-["message-back",${PLACE(0)},${PLACE(1)}]`, "bAQIDBA==", "bNA=="]);
    await server.post(sid, `451-["message",${PLACE(0)}]`); // the attachment in a payload of its own
    await server.post(sid, "bAQ==");
    assert.deepEqual(await drain(server, sid, 2), [`451-["message-back",${PLACE(0)}]`, "bAQ=="]);
    await server.post(sid, "1");
  });
  it("2.12 the same attachment may be named twice; a key may come in any order", async () => {
    const ws = await connect(server);
    ws.send(`451-["message",${PLACE(0)},{"num":0,"_placeholder":true}]`);
    ws.send(Buffer.from([1]));
    const header = await ws.packet();
    assert.match(header, /^45[12]-/); // the reference sends the bytes twice
    assert.deepEqual(await ws.packet(), Buffer.from([1]));
    ws.close();
  });
  it("2.12 placeholders in an event that is not binary are data", async () => {
    const ws = await connect(server);
    ws.send(`42["message",${PLACE(7)}]`);
    assert.equal(await ws.packet(), `42["message-back",${PLACE(7)}]`);
    ws.close();
  });
  it("2.12 an attachment that nobody names is taken", async () => {
    const ws = await connect(server);
    ws.send('451-["message",1]');
    ws.send(Buffer.from([1]));
    assert.match(await ws.packet(), /^4(2|51-)\["message-back",1\]$/);
    ws.close();
  });
  for (const placeholder of ['"num":1', '"num":-1', '"num":"0"', '"x":1', '"num":null']) {
    it(`2.12 a placeholder with ${placeholder} closes`, async () => {
      const ws = await connect(server);
      ws.send(`451-["message",{"_placeholder":true,${placeholder}}]`);
      ws.send(Buffer.from([1]));
      await closes(ws);
    });
  }
  it('2.12 strict: a placeholder with "num":0.5 closes', async () => {
    const ws = await connect(server);
    ws.send('451-["message",{"_placeholder":true,"num":0.5}]');
    ws.send(Buffer.from([1]));
    await closes(ws);
  });
  it("2.12 a text between header and attachment closes", async () => {
    const ws = await connect(server);
    ws.send(`451-["message",${PLACE(0)}]`);
    ws.send('42["message",1]');
    await closes(ws);
  });
  it("2.12 an attachment without a header closes", async () => {
    const ws = await connect(server);
    ws.send(Buffer.from([1]));
    await closes(ws);
  });
  it("2.12 more attachments than the header named close", async () => {
    const ws = await connect(server);
    ws.send(`451-["message",${PLACE(0)}]`);
    ws.send(Buffer.from([1]));
    ws.send(Buffer.from([2]));
    const got = [];
    for (let next = await ws.packet(); next !== undefined; next = await ws.packet()) got.push(next);
    assert.match(String(got.length), /^[02]$/); // the first event may be answered before the end
  });
  it("2.12 a heartbeat between header and attachment is fine", async () => {
    const ws = await connect(server);
    ws.send(`451-["message",${PLACE(0)}]`);
    ws.send("3");
    ws.send(Buffer.from([1]));
    assert.match(await ws.packet(), /^451-/);
    ws.close();
  });
  it("2.12 ten attachments are taken, eleven are not", async () => {
    const ws = await connect(server);
    const args = Array.from({ length: 10 }, (_, i) => PLACE(i)).join();
    ws.send(`4510-["message",${args}]`);
    for (let i = 0; i < 10; i++) ws.send(Buffer.from([i]));
    assert.equal(await ws.packet(), `4510-["message-back",${args}]`);
    for (let i = 0; i < 10; i++) assert.deepEqual(await ws.packet(), Buffer.from([i]));
    ws.send(`4511-["message",${args},${PLACE(10)}]`);
    await closes(ws);
  });
  it("2.12 more than ten attachments in one packet are never sent", async () => {
    const ws = await connect(lab);
    ws.send('42["eleven"]');
    assert.deepEqual(await arrived(ws), []);
    ws.close();
  });
  it("2.12 attachments have a limit in sum", async () => {
    const ws = await connect(server);
    const args = Array.from({ length: 10 }, (_, i) => PLACE(i)).join();
    ws.send(`4510-["message",${args}]`);
    for (let i = 0; i < 5; i++) ws.send(Buffer.alloc(999999));
    await closes(ws);
  });
});
