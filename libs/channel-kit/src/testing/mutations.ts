/** Where something stands in JSON data. */
export type Path = readonly (string | number)[];

/** What a hostile or broken provider may put in place of anything. `undefined` takes it away. */
export const HOSTILE_VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '9007199254740993',
  '',
  '0',
  ' \u0000\ud800\u202e ',
  '__proto__',
  'x'.repeat(20_000),
  [],
  [null],
  [[[[]]]],
  {},
  { toString: 1, length: -1 },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
];

/** Every place in the data, from the root down. */
export function pathsOf(data: unknown, here: Path = []): Path[] {
  if (typeof data !== 'object' || data === null) return [here];
  return [
    here,
    ...Object.keys(data).flatMap((key) => pathsOf((data as Record<string, unknown>)[key], [...here, key])),
  ];
}

/** A copy of the data with another value at one place. */
export function withValue(data: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(data) ? [...data] : { ...(data as object) }) as Record<
    string | number,
    unknown
  >;
  if (rest.length === 0 && value === undefined) delete copy[key];
  else copy[key] = withValue(copy[key], rest, value);
  return copy;
}

/** A copy in which every object has a member that nobody has heard of. */
export function withUnknownFields(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withUnknownFields);
  if (typeof data !== 'object' || data === null) return data;
  const members = Object.entries(data).map(([key, value]) => [key, withUnknownFields(value)]);
  return { ...Object.fromEntries(members), a_field_of_the_future: { deep: [1, 'two', null] } };
}
