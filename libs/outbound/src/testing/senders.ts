import { GuardedConnector, type GuardedConnectorOptions } from '../guarded-connector.js';
import type { SendRequest, SendResult } from '../send-result.js';
import { Sender, type SenderOptions } from '../sender.js';
import { TargetGuard } from '../target-guard.js';

/** A sender that may reach loopback over http. */
export function loopbackSender(
  options: Partial<SenderOptions> = {},
  connector: Partial<GuardedConnectorOptions> = {},
): Sender {
  const guard = new TargetGuard({ allowHttp: true, allow: ['127.0.0.0/8'] });
  return new Sender({ connector: new GuardedConnector({ guard, ...connector }), ...options });
}

/** A small POST with a timeout that is long enough for whatever should come at once. */
export function post(sender: Sender, url: string, more: Partial<SendRequest> = {}): Promise<SendResult> {
  return sender.post({
    url,
    headers: { 'Content-Type': 'application/json' },
    body: '{"n":1}',
    timeoutMs: 5_000,
    ...more,
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Makes one POST and waits until the origin has shown that it leaves idle connections open. */
export async function earnTrust(sender: Sender, url: string): Promise<void> {
  await post(sender, url);
  await pause(30);
  while (sender.stats().idleConnections > 0) await pause(10);
}
