/** One file's entry in expected.json, whose `_about` explains every member. */
export interface Expectation {
  /** `2xx`, or `any`: a refusal is as good. */
  accept: string;
  count: number | [least: number, most: number];
  events: ExpectedEvent[];
  [comment: string]: unknown;
}

export type ExpectedEvent = Record<string, unknown>;

type Json = Record<string, unknown>;

/** How far an event is from what was expected of it, one line for each difference. */
export function differences(payload: unknown, expected: ExpectedEvent): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const check = CHECKS[name];
    return check ? check(payload as Json, value) : [`nobody knows how to check "${name}"`];
  });
}

type Check = (payload: Json, expected: unknown) => string[];

const CHECKS: Record<string, Check> = {
  event: same((payload) => payload['event']),
  channel: same((payload) => payload['channel']),
  device_any_of: anyOf((payload) => payload['device']),
  sender: same((payload) => at(payload, 'sender', 'sender')),
  sender_any_of: anyOf((payload) => at(payload, 'sender', 'sender')),
  name: same((payload) => at(payload, 'sender', 'name')),
  name_any_of: anyOf((payload) => at(payload, 'sender', 'name')),
  message: (payload, expected) =>
    Object.entries(expected as Json).flatMap(([name, value]) => messageCheck(payload, name, value)),
  file: (payload, expected) => part(at(payload, 'message', 'file'), expected, 'file'),
  location: (payload, expected) => part(at(payload, 'message', 'location'), expected, 'location'),
  button: (payload, expected) => part(at(payload, 'message', 'button'), expected, 'button'),
  timestamp: integer(
    (payload) => payload['timestamp'],
    (value, expected) => value === expected,
  ),
  timestamp_any_of: integer(
    (payload) => payload['timestamp'],
    (value, expected) => (expected as unknown[]).includes(value),
  ),
  recipient: same((payload) => payload['recipient']),
  recipient_any_of: anyOf((payload) => payload['recipient']),
  message_id: same((payload) => payload['message_id']),
  status: same((payload) => payload['status']),
  errors: (payload, expected) => errorCheck(at(payload, 'metadata', 'errors'), expected),
  provider_message_id: inMetadata,
  provider_message_id_hint: inMetadata,
};

function messageCheck(payload: Json, name: string, expected: unknown): string[] {
  const [member, any] = name.split('_any_of');
  if (member !== 'type' && member !== 'text') return [`nobody knows how to check "message.${name}"`];
  const read = () => at(payload, 'message', member);
  return any === undefined ? same(read)(payload, expected) : anyOf(read)(payload, expected);
}

/** `false`: must be absent. An object: must be there, with these members. */
function part(value: unknown, expected: unknown, name: string): string[] {
  if (expected === false)
    return value === undefined ? [] : [`${name} must be absent, but is ${print(value)}`];
  if (typeof value !== 'object' || value === null) return [`${name} is missing`];
  return Object.entries(expected as Json).flatMap(([member, wanted]) => {
    if (member === 'present') return [];
    const [field, any] = member.split('_any_of');
    const given = (value as Json)[field!];
    const right =
      any === undefined ? close(given, wanted) : (wanted as unknown[]).some((one) => close(given, one));
    return right ? [] : [`${name}.${field} is ${print(given)}, not ${print(wanted)}`];
  });
}

/** Coordinates must be numbers within 1e-6; everything else is compared as text. */
function close(given: unknown, wanted: unknown): boolean {
  if (typeof wanted === 'number') return typeof given === 'number' && Math.abs(given - wanted) <= 1e-6;
  return given !== undefined && String(given) === String(wanted);
}

function errorCheck(errors: unknown, expected: unknown): string[] {
  if (expected === false)
    return errors === undefined ? [] : [`errors must be absent, but are ${print(errors)}`];
  const codes = Array.isArray(errors) ? errors.map((error: Json) => error['code']) : [];
  return (expected as unknown[])
    .filter((code) => !codes.includes(code))
    .map((code) => `errors lack code ${print(code)}`);
}

function inMetadata(payload: Json, expected: unknown): string[] {
  const found = JSON.stringify(payload['metadata']).includes(String(expected));
  return found ? [] : [`metadata lacks the provider's id ${print(expected)}`];
}

function same(read: (payload: Json) => unknown): Check {
  return (payload, expected) =>
    String(read(payload)) === String(expected) ? [] : [`${print(read(payload))} is not ${print(expected)}`];
}

function anyOf(read: (payload: Json) => unknown): Check {
  return (payload, expected) =>
    (expected as unknown[]).map(String).includes(String(read(payload)))
      ? []
      : [`${print(read(payload))} is none of ${print(expected)}`];
}

function integer(
  read: (payload: Json) => unknown,
  right: (value: unknown, expected: unknown) => boolean,
): Check {
  return (payload, expected) => {
    const value = read(payload);
    return Number.isSafeInteger(value) && right(value, expected)
      ? []
      : [`timestamp ${print(value)} is not ${print(expected)}`];
  };
}

const at = (value: unknown, ...path: string[]) =>
  path.reduce<unknown>((here, name) => (here as Json | undefined)?.[name], value);
const print = (value: unknown) => String(JSON.stringify(value)).slice(0, 200);
