import { BadRequestException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Deepest nesting of arrays and objects in a request to an internal API; what they ask for needs 3, deeper ones are answered 400. */
const MAX_BODY_DEPTH = 16;

/** Validation passes over the one and takes the other for an object's own class. */
const REFUSED_MEMBERS = ['__proto__', 'constructor'];

const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Bodies of the internal APIs are JSON, anything else is answered 415. No body at all is fine under that content type:
 * clients send the header with every DELETE. What is not JSON, too deep, or meant to change prototypes is answered 400.
 */
export function useJsonBodies(app: NestFastifyApplication, bodyLimit: number): void {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser(
    'application/json',
    { bodyLimit },
    (_request: unknown, body: Buffer, done: (error: null, body: unknown) => void) =>
      done(null, parseJsonBody(body)),
  );
}

function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const value = parse(body);
  demandHarmless(value);
  return value;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(strict.decode(body));
  } catch {
    // The parser's own message quotes the body, which may hold a secret.
    throw new BadRequestException('body: is not JSON');
  }
}

/** Level by level, since whoever walks deep data recursively, as validation does, runs out of stack. */
function demandHarmless(body: unknown): void {
  let level = [body].filter(isObject);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_BODY_DEPTH)
      throw new BadRequestException(`body: nested deeper than ${MAX_BODY_DEPTH} levels`);
    const refused = REFUSED_MEMBERS.find((name) => level.some((object) => Object.hasOwn(object, name)));
    if (refused) throw new BadRequestException(`body: must not have a member ${refused}`);
    level = level.flatMap((object) => Object.values(object)).filter(isObject);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
