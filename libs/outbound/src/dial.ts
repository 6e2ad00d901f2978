import { connect, type Socket } from 'node:net';
import { describeError, OutboundError, type OutboundErrorCode } from './outbound.errors.js';

export interface DialLimits {
  /** `performance.now()` at which dialling ends whatever happens. */
  deadline: number;
  /** Longest time for one address, ms. */
  attemptTimeoutMs: number;
}

/** Sockets that are being opened, so that closing the sender can end them. */
export type OpeningSockets = Set<Socket>;

/**
 * Connects to the first address that answers, in order; the caller has checked every one of them.
 * @throws OutboundError `connect_refused`, `connect_timeout` or `connect_failed`.
 */
export async function dial(
  addresses: readonly string[],
  port: number,
  limits: DialLimits,
  opening: OpeningSockets,
): Promise<Socket> {
  const failures: OutboundError[] = [];
  for (const address of addresses) {
    const timeLeft = limits.deadline - performance.now();
    if (timeLeft <= 0) break;
    try {
      return await dialOne(address, port, Math.min(limits.attemptTimeoutMs, timeLeft), opening);
    } catch (error) {
      failures.push(error as OutboundError);
    }
  }
  throw summary(failures);
}

function dialOne(address: string, port: number, timeoutMs: number, opening: OpeningSockets): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true, autoSelectFamily: false });
    const fail = (code: OutboundErrorCode, detail: string) => {
      clearTimeout(timer);
      opening.delete(socket);
      socket.destroy();
      reject(new OutboundError(code, `${address} port ${port}: ${detail}`));
    };
    const onError = (error: Error) => fail(codeOf(error), describeError(error));
    const onClose = () => fail('connect_failed', 'given up');
    const timer = setTimeout(
      () => fail('connect_timeout', `no connection after ${Math.round(timeoutMs)} ms`),
      timeoutMs,
    );
    opening.add(socket);
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('connect', () => {
      clearTimeout(timer);
      opening.delete(socket);
      socket.on('error', ignore);
      socket.off('error', onError);
      socket.off('close', onClose);
      resolve(socket);
    });
  });
}

function codeOf(error: NodeJS.ErrnoException): OutboundErrorCode {
  if (error.code === 'ECONNREFUSED') return 'connect_refused';
  return error.code === 'ETIMEDOUT' ? 'connect_timeout' : 'connect_failed';
}

/** The code that says most: a refusal means that somebody is there, an unreachable family means nothing. */
function summary(failures: OutboundError[]): OutboundError {
  const order: OutboundErrorCode[] = ['connect_refused', 'connect_timeout', 'connect_failed'];
  const code = order.find((candidate) => failures.some((failure) => failure.code === candidate));
  const detail = failures.map((failure) => failure.detail).join('; ');
  return new OutboundError(code ?? 'connect_timeout', detail || 'no time left');
}

/** Keeps an error on a socket that nobody listens to any more from ending the process. */
export function ignore(): void {}
