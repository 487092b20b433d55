// A stage of TCP between a real proxy and the server, for what no real proxy does by itself: it passes HTTP on, and of a WebSocket
// only the handshake and its answer. After the 101 it swallows, or cuts, as the test says.
import net from "node:net";
import { Awaitable } from "../e2e/harness.mjs";

const CLOSE_FRAME = 0x88;
const SWITCHED = /^HTTP\/1\.1 101 [^]*?\r\n\r\n/;

// One connection through the stage.
class Link {
  constructor(stage, client) {
    Object.assign(this, { stage, client, switched: false, frames: 0 });
    this.server = net.connect(stage.port, "127.0.0.1");
    client.on("data", (data) => this.#up(data));
    this.server.on("data", (data) => this.#down(data));
    client.setNoDelay(true);
    this.server.setNoDelay(true);
    for (const [one, other] of [[client, this.server], [this.server, client]]) {
      one.on("error", () => {});
      one.on("close", () => {
        // A proxy that swallows may not even pass on that the server has gone.
        if (!(this.switched && stage.holds && one === this.server)) other.destroy();
        if (client.destroyed) stage.drop(this);
      });
    }
  }

  #up(data) {
    if (this.switched) {
      this.stage.note("up", data.length);
      if (this.stage.cuts === "at-upgrade" && ++this.frames === 2) {
        if (this.stage.counts.cut++ === 0) return this.cut();
      }
      if (this.stage.swallows.includes("up")) return;
    }
    if (data.toString("latin1", 0, 5) === "GET /") this.stage.note("gets", 1);
    this.#pass(this.server, data);
  }

  #down(data) {
    const head = this.switched ? null : SWITCHED.exec(data.toString("latin1"));
    if (head) {
      this.switched = true;
      this.client.write(data.subarray(0, head[0].length));
      data = data.subarray(head[0].length);
      this.stage.note("switched", 1);
      if (this.stage.cuts === "at-101") return this.cut();
      if (data.length === 0) return;
    }
    if (this.switched) {
      this.stage.note("down", data.length);
      if (data[0] === CLOSE_FRAME) this.stage.note("closes", 1);
      if (this.stage.cuts === "at-answer") return this.cut(); // the server's first frame does not arrive
      if (this.stage.swallows.includes("down")) return;
    }
    this.#pass(this.client, data);
  }

  #pass(to, data) {
    const write = () => !to.destroyed && to.write(data);
    if (this.switched && this.stage.delayMs > 0) setTimeout(write, this.stage.delayMs);
    else write();
  }

  cut() {
    if (this.stage.resets) {
      this.server.resetAndDestroy();
      this.client.resetAndDestroy();
    } else {
      this.server.destroy();
      this.client.destroy();
    }
  }
}

export class Stage extends Awaitable {
  // swallows: ["up", "down"], of an open WebSocket; holds: the client is not told that the server has gone; cuts: "at-101", "at-answer",
  // "at-upgrade" (the first one) or when cut() is called; resets: by RST; delayMs: for frames.
  static async start(scene, port, { swallows = [], holds = false, cuts = "", resets = false, delayMs = 0 } = {}) {
    const stage = new Stage();
    Object.assign(stage, { port, swallows, holds, cuts, resets, delayMs, links: new Set(), counts: { gets: 0, up: 0, down: 0, switched: 0, closes: 0, cut: 0, links: 0 } });
    stage.server = net.createServer((client) => {
      stage.links.add(new Link(stage, client));
      stage.note("links", 1);
    });
    await new Promise((resolve) => stage.server.listen(0, "127.0.0.1", resolve));
    stage.listens = stage.server.address().port;
    scene.onEnd(async () => {
      for (const link of stage.links) link.cut();
      stage.server.close();
    });
    return stage;
  }

  note(what, count) {
    this.counts[what] += count;
    this.look();
  }

  drop(link) {
    this.links.delete(link);
    this.look();
  }

  get websockets() {
    return [...this.links].filter((link) => link.switched);
  }

  // Cuts every WebSocket that is open now.
  cut() {
    for (const link of this.websockets) link.cut();
  }
}
