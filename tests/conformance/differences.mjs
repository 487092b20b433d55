// Where the reference server does something else than ours, on purpose: decision 0042, and the "defects to beat" of the protocol notes.
// `test` is the name of the test that shows it (or a pattern of names), `reference` what the reference does instead.
export const differences = [
  { test: "2.1 upgrade: EIO=3 with the switch off is refused before the 101", reference: "answers 101, and HTTP 400 inside the WebSocket" },
  { test: "2.2 no upgrade is offered where WebSocket is switched off", reference: "offers it" },
  { test: /^2\.4 unparseable .* is an empty 400$/, reference: "answers 200 and ends the session, or takes it" },
  { test: '2.5 the invalid packet "b!" closes', reference: "decodes any base64 to something" },
  { test: "2.4 events before the close reach the application, those after it do not", reference: "defers events to the next tick, where the socket is gone" },
  { test: /^2\.5 a close packet over WebSocket /, reference: "waits for the ping timeout" },
];
