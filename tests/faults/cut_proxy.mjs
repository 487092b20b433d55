// A TCP way to a port that a test can cut without a sign (nothing passes, nothing is closed, as when a cable is pulled or a firewall forgets),
// slow down, and mend.
import net from 'node:net';

export class CutProxy {
  static async to(port) {
    const proxy = new CutProxy();
    Object.assign(proxy, { port: 0, pairs: new Set(), isCut: false, delayMs: 0 });
    proxy.server = net.createServer((near) => proxy.#join(near, port));
    await new Promise((resolve) => { proxy.server.listen(0, '127.0.0.1', resolve); });
    proxy.port = proxy.server.address().port;
    return proxy;
  }

  #join(near, port) {
    // Of a connection that is made while it is cut the far end never hears, not even when it is mended.
    const far = this.isCut ? null : net.connect(port, '127.0.0.1');
    const pair = { near, far, isHole: this.isCut };
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      for (const socket of [near, far]) if (socket && !pair.isHole) socket.destroy();
    };
    for (const socket of [near, far]) {
      socket?.on('error', () => {});
      socket?.on('close', end);
    }
    near.on('data', (data) => { if (!pair.isHole) far.write(data); });
    far?.on('data', (data) => {
      const at = performance.now() + this.delayMs; // of each piece, so that their order stays
      const pass = () => { if (!pair.isHole && !near.destroyed) near.write(data); };
      if (this.delayMs === 0 && !pair.late) pass();
      else pair.late = (pair.late ?? Promise.resolve()).then(() => new Promise((resolve) => { setTimeout(() => { pass(); resolve(); }, Math.max(0, at - performance.now())); }));
    });
  }

  // Nothing passes any more, either way, and nobody is told. What is sent meanwhile is lost.
  cut() {
    this.isCut = true;
    for (const pair of this.pairs) pair.isHole = true;
  }

  // New connections pass; those that were cut stay dead, as behind a firewall that has forgotten them.
  mend() {
    this.isCut = false;
  }

  // What the far end sends arrives so much later.
  slow(milliseconds) {
    this.delayMs = milliseconds;
  }

  close() {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far?.destroy();
    }
    this.server.close();
  }
}
