const LEVELS: Record<number, string> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92];
const LEVEL_COLOURS: Record<string, number> = { WARN: 33, ERROR: 31, FATAL: 31 };
/** Said by the prefix already, or of no use on one machine. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'service', 'name', 'v']);

/** What Nest says of each module and route at every start; it stays in the log file. */
const CHATTER = new Set([
  'InstanceLoader',
  'RouterExplorer',
  'RoutesResolver',
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
]);

/** Turns the lines of services, pino's JSON or anything else, into compact ones with the service's name in front. */
export class Prettifier {
  private readonly width: number;

  constructor(
    private readonly names: readonly string[],
    private readonly colour: boolean,
  ) {
    this.width = Math.max(...names.map((name) => name.length), 0);
  }

  /** Undefined for a line that is not worth a person's time. */
  format(name: string, line: string): string | undefined {
    const record = parseRecord(line);
    if (record && Number(record.level) <= 30 && CHATTER.has(String(record.context))) return undefined;
    const paint = COLOURS[Math.max(this.names.indexOf(name), 0) % COLOURS.length] ?? 36;
    return `${this.painted(paint, name.padEnd(this.width))} ${record ? this.text(record) : line}`;
  }

  private text(record: Record<string, unknown>): string {
    const level = LEVELS[Number(record.level)] ?? String(record.level);
    const rest = Object.entries(record)
      .filter(([key]) => !HIDDEN.has(key))
      .map(([key, value]) => `${key}=${show(value)}`);
    const colour = LEVEL_COLOURS[level];
    const word = level === 'INFO' ? [] : [colour ? this.painted(colour, level) : level];
    return [...word, String(record.msg ?? ''), this.painted(2, rest.join(' '))]
      .filter((part) => part)
      .join(' ');
  }

  private painted(code: number, text: string): string {
    return this.colour && text ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    return 'level' in record ? record : undefined;
  } catch {
    return undefined;
  }
}

/** A stack trace keeps its line breaks. */
function show(value: unknown): string {
  if (typeof value === 'string') return value;
  const stack = (value as { stack?: unknown } | null)?.stack;
  return typeof stack === 'string' ? stack : JSON.stringify(value);
}
