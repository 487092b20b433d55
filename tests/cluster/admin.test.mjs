// An admin and a viewer on one connection, whose polls and WebSocket reach different bridges: both namespaces move, and the new bridge shows itself.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Manager } from 'socket.io-client';
import { Awaitable, needPrograms } from '../e2e/harness.mjs';
import { needProxies, relayed, startFront, withCluster } from './cluster.mjs';

needPrograms('auction-svc', 'auction-bridge', 'auctionctl');
needProxies('nginx');

// "secret" at cost 4, as `htpasswd -nB` writes it.
const LINE = 'boss:$2y$04$KBCwKxOzLha2MUDgW0PjXe/hE/UCO9qF89dOydoHjSwxcHev5LRn.\n';

class Admin extends Awaitable {
  constructor(house, url) {
    super();
    Object.assign(this, { name: 'admin', servers: new Set(), answers: [], disconnects: [], upgraded: false });
    this.manager = new Manager(url);
    this.viewer = this.manager.socket('/');
    this.admin = this.manager.socket('/admin', { auth: { username: 'boss', password: 'secret' } });
    for (const socket of [this.viewer, this.admin]) {
      house.sockets.add(socket);
      socket.on('disconnect', (reason) => { this.disconnects.push(reason); this.look(); });
    }
    this.manager.on('open', () => this.manager.engine.on('upgrade', () => { this.upgraded = true; this.look(); }));
    this.admin.on('server_stats', ({ serverId }) => { this.servers.add(serverId); this.look(); });
  }

  describe() {
    return JSON.stringify([[...this.servers], this.answers, this.disconnects, this.upgraded]);
  }
}

test('an admin and a viewer on one connection move together', { timeout: 60000 }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lotcast-admin-'));
  const file = path.join(folder, 'admin');
  writeFileSync(file, LINE, { mode: 0o600 });
  try {
    await withCluster(async (house) => {
      const [first, second] = house.bridges;
      const url = await startFront(house, 'nginx', { polls: [first], upgrades: [second] });
      const admin = new Admin(house, url);
      await admin.until(() => admin.upgraded, 10000, 'the upgrade');
      await admin.until(() => admin.servers.size > 0, 10000, 'statistics');
      admin.viewer.emit('sync_time', { t0: 1 }, ({ t0 }) => { admin.answers.push(t0); admin.look(); });
      await admin.until(() => admin.answers.length === 1, 10000, 'the viewer\'s answer');
      assert.deepEqual([admin.disconnects, admin.admin.connected, admin.viewer.connected], [[], true, true]);
      assert.equal(await relayed(first, 'sessions_moved', 'out'), 1);
    }, { bridges: 2, bridgeArgs: ['--admin-file', file, '--admin-all-events'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
