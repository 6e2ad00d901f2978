import { readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { type SettingSpec, settingsOf } from './setting.js';

type Environment = Record<string, string | undefined>;

/** What is wrong with the configuration, one line for each variable. The service refuses to start. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads a configuration class from the environment and validates it with its class-validator rules.
 * Throws {@link ConfigError} naming every variable that is wrong, and why; values of secrets are not repeated.
 */
export function loadConfig<T extends object>(type: new () => T, environment: Environment = process.env): T {
  const config = new type();
  const problems: string[] = [];
  const variables = new Map<string, string>();
  for (const spec of settingsOf(type)) {
    variables.set(spec.property, spec.variable);
    const problem = assign(config, spec, environment);
    if (problem) problems.push(`${spec.variable}: ${problem}`);
  }
  if (problems.length === 0) {
    for (const error of validateSync(config, { forbidUnknownValues: false })) {
      const reasons = Object.values(error.constraints ?? { invalid: 'is not valid' }).join('; ');
      problems.push(`${variables.get(error.property) ?? error.property}: ${reasons}`);
    }
  }
  if (problems.length > 0)
    throw new ConfigError(`the configuration is not usable:\n  ${problems.join('\n  ')}`);
  return config;
}

function assign(config: object, spec: SettingSpec, environment: Environment): string | undefined {
  let text: string | undefined;
  try {
    text = readVariable(spec.variable, environment);
  } catch (error) {
    return (error as Error).message;
  }
  if (text === undefined) return undefined;
  const value = parse(spec.type, text);
  if (value === undefined)
    return `must be a ${spec.type === 'boolean' ? 'boolean (true or false)' : spec.type}`;
  (config as Record<string, unknown>)[spec.property] = value;
  return undefined;
}

/** An empty variable counts as not set, as compose files write them. */
function readVariable(name: string, environment: Environment): string | undefined {
  const direct = environment[name];
  const file = environment[`${name}_FILE`];
  if (direct) {
    if (file) throw new Error(`set either ${name} or ${name}_FILE, not both`);
    return direct;
  }
  return file ? readFileSync(file, 'utf8').trim() : undefined;
}

function parse(type: SettingSpec['type'], text: string): unknown {
  switch (type) {
    case 'string':
      return text;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'boolean':
      return /^(true|1|yes)$/i.test(text) ? true : /^(false|0|no)$/i.test(text) ? false : undefined;
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
  }
}

/** The configuration as lines `VARIABLE=value`, secrets masked. */
export function describeConfig(config: object): string[] {
  return settingsOf(config).map(({ property, variable, secret }) => {
    const value = (config as Record<string, unknown>)[property];
    return `${variable}=${secret && value ? '********' : String(value ?? '')}`;
  });
}
