// Any bytes as WebSocket frames and Socket.IO packets; sessions and rooms that nobody needs do not stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeCode, frame, pause, seeded, tortured, withinMs } from './torture_world.mjs';

const t = await tortured(test);
const metric = async (name) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec((await t.house.api('GET', '/metrics')).text)[1]);

test('frames that no client sends: unmasked, reserved bits and opcodes, lengths that lie, control frames that are too long', () => t.unharmed('frames', async () => {
  const random = seeded(11);
  const frames = [frame('40', { masked: false }), frame('40', { rsv: 4 }), frame('40', { rsv: 2 }), frame('40', { opcode: 3 }), frame('40', { opcode: 11 }), frame('x', { opcode: 0 }),
    frame('x'.repeat(126), { opcode: 9 }), frame('x', { opcode: 9, fin: false }), frame('x', { opcode: 8 }), frame(Buffer.from([3, 231, 0xff, 0xfe]), { opcode: 8 }),
    frame('', { length: 2 ** 40 }), frame('', { length: 2 ** 31 }), Buffer.from('81ffffffffffffffffff00000000', 'hex'), frame(Buffer.from('40c328', 'hex')), frame(Buffer.from([0x34, 0xed, 0xa0, 0x80])),
    ...Array.from({ length: 60 }, () => Buffer.from(Array.from({ length: 1 + random(200) }, () => random(256))))];
  for (const bytes of frames) {
    const held = await t.webSocket();
    held.socket.write(bytes);
    held.socket.end();
    assert.equal(await withinMs(4000, held.closed, false), true, bytes.subarray(0, 20).toString('hex'));
  }
}));

test('a message without end, in one frame or in fragments, is cut at its limit', () => t.unharmed('endless', async () => {
  const one = await t.webSocket();
  one.socket.write(frame(Buffer.alloc(1200000, 0x34)));
  assert.ok(await one.until(/\x88\x02\x03\xf1/), `close code ${closeCode(one.data)}`); // 1009
  one.socket.destroy();
  const parts = await t.webSocket();
  for (let i = 0; i < 200 && !parts.socket.destroyed; i++) {
    parts.socket.write(frame(Buffer.alloc(10000, 0x34), { opcode: i === 0 ? 1 : 0, fin: false }));
    await pause(1);
  }
  assert.ok(await parts.until(/\x88\x02\x03\xf1/), `close code ${closeCode(parts.data)}`);
  parts.socket.destroy();
}));

test('packets that are none end their own connection only', () => t.unharmed('packets', async () => {
  const packets = ['', '4', '49', '4a', '40{', '40[]', `40/${'n'.repeat(300)},`, '42', '42[]', '42{}', '42["connect"]', '42[null]', '4299999999999999999999["a"]', '4511-["b"]', '45999999999-["b",{}]', '450-["b"]',
    '451-["b",{"_placeholder":true,"num":7}]', '451-["b",{"_placeholder":true,"num":-1}]', '430[]', '44{"message":"x"}', `42["a",${'['.repeat(200000)}`, `42["a",${'['.repeat(100000)}${']'.repeat(100000)}]`, '41', '6', '0', '1', '2probe', '7', '\u0000'];
  for (const packet of packets) {
    const held = await t.webSocket();
    held.socket.write(Buffer.concat([frame('40'), frame(packet)]));
    held.socket.end();
    assert.equal(await withinMs(4000, held.closed, false), true, packet.slice(0, 40));
  }
  const many = await t.webSocket();
  for (let i = 0; i < 2000; i++) many.socket.write(frame(`40/n${i},`));
  assert.ok(await many.until(/Too many namespaces|Invalid namespace/));
  many.socket.destroy();
}));

test('handshakes and probes that are given up leave nothing', () => t.unharmed('abandoned', async () => {
  const before = await metric('lotcast_socketio_sessions_open').catch(() => null);
  for (let i = 0; i < 300; i++) {
    const sid = await t.handshake();
    const probe = await t.webSocket(`EIO=4&transport=websocket&sid=${sid}`);
    if (i % 2 === 0) probe.socket.write(frame('2probe'));
    probe.socket.destroy();
    await fetch(`${t.house.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body: '1' });
  }
  if (before !== null) assert.ok(await metric('lotcast_socketio_sessions_open') <= before + 1);
}));

test('asking for sales that do not exist does not fill the table of rooms', () => t.unharmed('rooms', async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => t.house.api('GET', `/api/sales/none-${i}`)));
  for (const { status, body } of answers) assert.deepEqual([status, body.error.code], [404, 'NOT_FOUND']);
  await pause(300); // less than the time that a room of a real sale is kept
  const rooms = Number(/rooms\S* (\d+)/.exec((await t.house.api('GET', '/metrics')).text.replace(/^#.*$/gm, ''))[1]);
  assert.ok(rooms <= 2, `${rooms} rooms`);
}));
