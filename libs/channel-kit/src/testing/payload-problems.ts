import type { EventType } from '@kirisan/contracts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const filled: Check = (value) => typeof value === 'string' && value !== '';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const time: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const record: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const list: Check = (value) => Array.isArray(value);
const is =
  (expected: unknown): Check =>
  (value) =>
    value === expected;

interface Shape {
  [member: string]: Check | Shape | Optional;
}
interface Optional {
  optional: Check | Shape;
}

const FILE: Shape = Object.fromEntries(
  ['url', 'filename', 'filetype', 'mime_type', 'file_id'].map((name) => [name, { optional: filled }]),
);
const LOCATION: Shape = { latitude: number, longitude: number, coordinate: filled };
const BUTTON: Shape = { id: { optional: text }, text: { optional: text } };

/** The shapes of the contract, members in their order. */
const SHAPES: Record<EventType, Shape> = {
  incoming_message: {
    event: is('incoming_message'),
    device: text,
    channel: filled,
    sender: { sender: filled, name: text, details: record },
    message: {
      type: filled,
      text,
      file: { optional: FILE },
      location: { optional: LOCATION },
      button: { optional: BUTTON },
    },
    metadata: record,
    timestamp: time,
    production: flag,
  },
  submission: {
    event: is('submission'),
    submission: { id: number, name: text },
    device: text,
    sender: filled,
    channel: filled,
    answers: list,
    started_at: filled,
    completed_at: filled,
    timestamp: time,
    production: flag,
  },
  message_status: {
    event: is('message_status'),
    channel: filled,
    device: text,
    recipient: text,
    message_id: filled,
    status: filled,
    metadata: record,
    timestamp: time,
    production: flag,
  },
};

/** What is wrong with a payload by the contract: wrong, missing or foreign members, by path. Empty when it is right. */
export function payloadProblems(payload: unknown): string[] {
  const event = (payload as { event?: EventType } | null)?.event;
  const shape = event !== undefined && Object.hasOwn(SHAPES, event) ? SHAPES[event] : undefined;
  return shape ? problemsOf(payload, shape, '') : [`event: ${String(event)}`];
}

function problemsOf(value: unknown, shape: Shape, path: string): string[] {
  if (!record(value)) return [`${path || 'payload'}: is no object`];
  const members = value as Record<string, unknown>;
  const foreign = Object.keys(members).filter((name) => !Object.hasOwn(shape, name));
  const wrong = Object.entries(shape).flatMap(([name, rule]) =>
    memberProblems(members, name, rule, `${path}${name}`),
  );
  return [...foreign.map((name) => `${path}${name}: is not of the contract`), ...wrong];
}

function memberProblems(
  members: Record<string, unknown>,
  name: string,
  rule: Check | Shape | Optional,
  path: string,
): string[] {
  if (!(name in members)) return isOptional(rule) ? [] : [`${path}: is missing`];
  const needed = isOptional(rule) ? rule.optional : rule;
  const value = members[name];
  if (typeof needed === 'object') return problemsOf(value, needed as Shape, `${path}.`);
  return needed(value) ? [] : [`${path}: ${String(JSON.stringify(value)).slice(0, 80)}`];
}

const isOptional = (rule: Check | Shape | Optional): rule is Optional =>
  typeof rule === 'object' && 'optional' in rule;
