// Golden bytes of msgpack packets: what socket.io-msgpack-parser makes of a packet, beside the text that socket.io-parser makes of it.
//
//   node generate.mjs > packets.txt     writes them
//   node generate.mjs --check           fails when packets.txt is not what the installed packages give
//
// A line: both|read|write <TAB> message in hex <TAB> text <TAB> attachments in hex, joined by commas. `both`: the message is also what the text
// must become; `read`: it holds what a text cannot (undefined, dates, typed arrays), or keys in another order; `write`: read, it becomes
// another text of the same meaning.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const require = createRequire(path.join(process.env.LOTCAST_SOURCE ?? process.cwd(), "tests/package.json"));
const msgpack = require("socket.io-msgpack-parser");
const { createRequire: create } = require("node:module");
const { Encoder } = create(require.resolve("socket.io"))("socket.io-parser");

const CONNECT = 0, DISCONNECT = 1, EVENT = 2, ACK = 3, CONNECT_ERROR = 4;
const keys = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
const event = (...data) => ({ type: EVENT, data, nsp: "/" });
const bytes = (count) => Buffer.from(Array.from({ length: count }, (_, i) => i & 255));

const both = [
    { type: CONNECT, nsp: "/" },
    { type: CONNECT, data: { sid: "lv_VI97HAXpY6yYWAAAC" }, nsp: "/" },
    { type: CONNECT, data: { token: "abc", deep: { list: [1, [2, [3]]] } }, nsp: "/admin" },
    { type: DISCONNECT, nsp: "/admin" },
    { type: CONNECT_ERROR, data: { message: "Invalid namespace" }, nsp: "/nope" },
    { type: CONNECT_ERROR, data: { message: "no", data: { code: 7 } }, nsp: "/nope" },
    { type: ACK, data: [], id: 0, nsp: "/" },
    { type: ACK, data: [1, "2", { three: true }], id: 4294967296, nsp: "/chat" },
    { type: EVENT, data: ["hi"], id: 9007199254740991, nsp: "/" },
    event("hello"), event(7, "number as a name"), event("nothing", null, true, false), event("empty", "", [], {}),
    event("positive", 0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 9007199254740991),
    event("negative", -1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, -9007199254740991),
    event("fractions", 0.5, -0.5, 0.1, 1 / 3, 2.2250738585072014e-308, 5e-324, 1e-7, 0.000001, 123456.789, -1e-10),
    event("text", "é€😀", "a\"b\\c", "x".repeat(31), "x".repeat(32), "y".repeat(255), "z".repeat(256)),
    event("arrays", Array(15).fill(1), Array(16).fill(2), Array(300).fill(null)),
    event("maps", keys(15), keys(16), keys(300)),
    event("binary", bytes(0), bytes(1), bytes(255), bytes(256)), event("binary", { a: [bytes(3)], b: "x" }),
    { type: EVENT, data: ["binary with ack", bytes(8)], id: 3, nsp: "/b" },
    { type: ACK, data: [bytes(2), "x"], id: 12, nsp: "/" },
];
const write = [event("a placeholder's look", { _placeholder: true, num: 0 })];
const read = [
    { type: CONNECT, data: undefined, options: { compress: true }, nsp: "/" },
    { type: EVENT, data: ["as the official client sends it", 1], options: { compress: true }, id: undefined, nsp: "/" },
    { options: undefined, nsp: "/x", id: 1, data: ["another order"], type: EVENT },
    event("undefined", undefined, { a: undefined, b: 1, c: undefined }, [undefined], { d: undefined }),
    event("dates", new Date(0), new Date(1764078000123), new Date(-1), new Date(8.64e15), new Date(-8.64e15),
        new Date("2000-02-29T23:59:59.999Z"), new Date("1900-03-01"), new Date("-000001-12-31"), new Date("+010000-01-01"), new Date("0000-01-01")),
    event("no numbers", NaN, Infinity, -Infinity), event("minus nothing", -0),
    event("typed arrays", new Uint8Array([1, 2, 3]).buffer, new Uint8Array([7]).buffer, new Uint8Array(8).buffer, new ArrayBuffer(256)),
    event("mixed", new Date(5), bytes(2), undefined),
];

function line(kind, packet) {
    const attachments = [];
    const text = new Encoder().encode(structuredCloneWithBuffers(packet)).map((part) => {
        if (typeof part === "string") {
            return part;
        }
        attachments.push(Buffer.from(part).toString("hex") || "-");
        return "";
    }).join("");
    const message = new msgpack.Encoder().encode(packet)[0];
    return [kind, message.toString("hex"), text, attachments.join(",")].join("\t");
}

// The encoder takes packets apart: give it its own arrays and objects.
function structuredCloneWithBuffers(value) {
    if (Array.isArray(value)) {
        return value.map(structuredCloneWithBuffers);
    }
    if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCloneWithBuffers(item)]));
    }
    return value;
}

const lines = [...both.map((packet) => line("both", packet)), ...read.map((packet) => line("read", packet)),
    ...write.map((packet) => line("write", packet))].join("\n") + "\n";
if (process.argv[2] === "--check") {
    const kept = readFileSync(new URL("packets.txt", import.meta.url), "utf8");
    if (kept !== lines) {
        console.error("packets.txt is not what socket.io-msgpack-parser and socket.io-parser give: see generate.mjs");
        process.exit(1);
    }
} else {
    process.stdout.write(lines);
}
