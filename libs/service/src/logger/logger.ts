import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as Pino } from 'pino';

/** Text from outside is cut to this many characters in a log line. */
const MAX_TEXT = 2_000;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Makes outside text harmless in a log: control and direction characters are shown as escapes, length is bounded. */
export function neutral(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  return cut.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Nest's logger on pino: one JSON line an entry. Call it as Nest does (`logger.log('text')`) or with facts
 * (`logger.warn({ deviceId }, 'text')`). Secrets do not belong in facts; known secret members are removed all the same.
 */
export class PinoLogger implements LoggerService {
  private readonly pino: Pino;

  constructor(service: string, level: string, destination?: DestinationStream) {
    this.pino = pino(
      {
        level,
        base: { service },
        timestamp: pino.stdTimeFunctions.isoTime,
      },
      destination as DestinationStream,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context last, and a stack before it. */
  private write(
    level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal',
    message: unknown,
    rest: unknown[],
  ) {
    const texts = rest.filter((item): item is string => typeof item === 'string');
    const context = texts.length > 0 ? neutral(texts.at(-1)!) : undefined;
    if (typeof message === 'object' && message !== null) {
      const text = texts.length > 1 ? texts[0]! : '';
      this.pino[level]({ context, ...neutralFacts(message) }, neutral(text));
    } else {
      const stack = texts.length > 1 ? texts[0] : undefined;
      this.pino[level]({ context, ...(stack ? { stack: neutral(stack) } : {}) }, neutral(String(message)));
    }
  }
}

const SECRET_MEMBERS = new Set([
  'secret',
  'password',
  'token',
  'botToken',
  'appSecret',
  'accessToken',
  'apiToken',
  'authorization',
  'webhookSecret',
  'secretToken',
  'verifyToken',
  'internalToken',
  'natsPassword',
  'databaseUrl',
  'secretKeys',
]);

/** Levels of facts within facts in a log line. */
const MAX_FACT_DEPTH = 4;
/** Members of one list or object in a log line. */
const MAX_FACT_ITEMS = 100;

function neutralFacts(facts: object): object {
  return (facts instanceof Error ? { error: neutralFact(facts, 0) } : neutralFact(facts, 0)) as object;
}

function neutralFact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return neutral(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return neutral(value.stack ?? value.message);
  if (depth === MAX_FACT_DEPTH) return '…';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.slice(0, MAX_FACT_ITEMS).map((item) => neutralFact(item, depth + 1));
  const entries = Object.entries(value).slice(0, MAX_FACT_ITEMS);
  return Object.fromEntries(
    entries.map(([name, item]) => [
      neutral(name),
      SECRET_MEMBERS.has(name) ? '********' : neutralFact(item, depth + 1),
    ]),
  );
}
