// One address in front of bridges that come and go: each new connection goes to the one that is chosen, and a cut ends all that there are.
import { createServer, connect } from 'node:net';

export class Switch {
  static async create(bridge) {
    const made = new Switch();
    made.choose(bridge);
    await new Promise((resolve) => made.server.listen(0, '127.0.0.1', resolve));
    made.url = `http://127.0.0.1:${made.server.address().port}`;
    return made;
  }

  constructor() {
    this.pairs = new Set();
    this.server = createServer((client) => this.join(client));
  }

  choose(bridge) {
    this.port = bridge === null ? null : Number(new URL(bridge.url).port);
  }

  join(client) {
    if (this.port === null) {
      client.destroy();
      return;
    }
    const server = connect(this.port, '127.0.0.1');
    const pair = [client, server];
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      for (const side of pair) side.destroy();
    };
    for (const side of pair) side.on('error', end).on('close', end).setNoDelay(true);
    client.pipe(server).pipe(client);
  }

  cut() {
    for (const pair of [...this.pairs]) for (const side of pair) side.destroy();
  }

  close() {
    this.cut();
    this.server.close();
  }
}
