import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Keeper } from './keeper.js';

/** One service that is to become ready. */
export interface Awaited {
  keeper: Keeper;
  url: string;
}

const POLL_MS = 50;
const HOPELESS_CRASHES = 3;

/** Resolves when every service answers 200 on `/health/ready`; rejects after `timeoutMs`, or when one keeps crashing. */
export async function untilReady(services: readonly Awaited[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  await Promise.all(services.map((service) => untilOneReady(service, deadline, timeoutMs)));
}

async function untilOneReady({ keeper, url }: Awaited, deadline: number, timeoutMs: number): Promise<void> {
  const crashesBefore = keeper.crashes;
  let answer = 'no answer';
  while (performance.now() < deadline) {
    const response = await ask(`${url}/health/ready`);
    if (response.ok) return;
    answer = response.text;
    if (keeper.crashes - crashesBefore >= HOPELESS_CRASHES)
      throw new Error(`${keeper.name} keeps ending at its start`);
    await sleep(POLL_MS);
  }
  throw new Error(`${keeper.name} was not ready within ${timeoutMs / 1000} s: ${answer}`);
}

/** A connection of its own each time: a kept one would delay the service's shutdown. */
function ask(url: string): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    const none = () => resolve({ ok: false, text: 'no answer' });
    const request = get(url, { agent: false, timeout: 2_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ ok: response.statusCode === 200, text: `${response.statusCode} ${text}` }),
      );
      response.on('error', none);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', none);
  });
}
