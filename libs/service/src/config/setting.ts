import 'reflect-metadata';

export interface SettingOptions {
  /** Never printed. */
  secret?: boolean;
  /** Written in the reference where the default is made at run time. */
  example?: string;
}

export interface SettingSpec extends SettingOptions {
  property: string;
  /** Name of the environment variable. */
  variable: string;
  help: string;
  type: 'string' | 'number' | 'boolean' | 'list';
}

const SETTINGS = Symbol('settings');
const TYPES = new Map<unknown, SettingSpec['type']>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Array, 'list'],
]);

/**
 * Marks a property of a configuration class as read from the environment variable of the same name in capitals
 * (`maxInFlight` ← `MAX_IN_FLIGHT`, or a file named by `MAX_IN_FLIGHT_FILE`). The initial value is the default.
 * Lists are separated by commas. Throws at start for a property type that no variable can hold.
 */
export function Setting(help: string, options: SettingOptions = {}): PropertyDecorator {
  return (target, property) => {
    const name = String(property);
    const type = TYPES.get(Reflect.getMetadata('design:type', target, property));
    if (!type) throw new Error(`setting ${name}: only string, number, boolean and string[] can be set`);
    const spec: SettingSpec = { ...options, property: name, variable: variableName(name), help, type };
    Reflect.defineMetadata(SETTINGS, [...settingsOf(target), spec], target);
  };
}

/** The settings of a configuration class or instance, inherited ones first. */
export function settingsOf(target: object): SettingSpec[] {
  const prototype = typeof target === 'function' ? (target.prototype as object) : target;
  return (Reflect.getMetadata(SETTINGS, prototype) as SettingSpec[] | undefined) ?? [];
}

function variableName(property: string): string {
  return property.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}
