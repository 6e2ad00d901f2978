import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type NatsServer, startNats } from '@kirisan/local-stack';

/** Three nats-servers of one cluster, in a temporary folder. */
export class NatsTrio {
  private constructor(
    private readonly dir: string,
    readonly nodes: readonly NatsServer[],
  ) {}

  static async start(): Promise<NatsTrio> {
    const dir = mkdtempSync(join(tmpdir(), 'kirisan-trio-'));
    const peers = await Promise.all([freePort(), freePort(), freePort()]);
    const users = [{ user: 'admin', password: 'admin-of-the-test' }];
    const nodes = await Promise.all(
      peers.map((port, i) =>
        startNats({
          dir: join(dir, `node-${i}`),
          serverName: `node-${i}`,
          users,
          cluster: { name: 'trio', port, peers },
        }),
      ),
    );
    return new NatsTrio(dir, nodes);
  }

  /** Of all nodes, separated by commas. */
  get url(): string {
    return this.nodes.map(({ url }) => url).join(',');
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.dir, { recursive: true, force: true });
  }
}
