// Where the reference server does something else than ours, on purpose: decision 0042, and the "defects to beat" of the protocol notes.
// `test` is the name of the test that shows it (or a pattern of names), `reference` what the reference does instead.
export const differences = [
  { test: "2.1 upgrade: EIO=3 with the switch off is refused before the 101", reference: "answers 101, and HTTP 400 inside the WebSocket" },
  { test: "2.2 no upgrade is offered where WebSocket is switched off", reference: "offers it" },
  { test: /^2\.4 unparseable .* is an empty 400$/, reference: "answers 200 and ends the session, or takes it" },
  { test: '2.5 the invalid packet "b!" closes', reference: "decodes any base64 to something" },
  { test: "2.4 events before the close reach the application, those after it do not", reference: "defers events to the next tick, where the socket is gone" },
  { test: /^2\.5 a close packet over WebSocket /, reference: "waits for the ping timeout" },
  { test: "2.6 a session whose client dies in the moment of its upgrade ends", reference: "a completed upgrade cancels the wait for a pong; the session stays for ever" },
  { test: /^2\.6 only a pong is life/, reference: "since 6.6.12 any packet puts the end off once" },
  { test: "2.8 a violation of Socket.IO: forced server close", reference: "reports forced close" },
  { test: "2.8 an unreadable packet of Socket.IO: parse error", reference: "reports forced close" },
  { test: "2.8 a client that does not read what it is sent is cut off at its limit", reference: "has no limit" },
  { test: "2.12 arguments are passed on byte for byte", reference: "parses and writes JSON again: 1.50 becomes 1.5, keys change their order" },
  { test: '2.12 strict: a placeholder with "num":0.5 closes', reference: "takes it for undefined" },
  { test: "2.12 more than ten attachments in one packet are never sent", reference: "sends them, and its own clients close" },
  { test: "2.13 an event right behind a CONNECT that is answered at once is taken", reference: "closes: it answers on the next tick" },
  { test: "2.13 more namespaces than the limit are refused", reference: "has no limit" },
  { test: "2.14 a member that falls out of the ring is told, and goes on with the newest", reference: "keeps everything for everybody, without a limit" },
  { test: /^2\.15 beats #4888/, reference: "asks for an offset" },
  { test: /^2\.15 beats #5541/, reference: "takes the text for an offset that it does not know" },
  { test: /^2\.15 beats the second restoring/, reference: "restores it again" },
];
