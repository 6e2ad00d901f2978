import { randomBytes } from 'node:crypto';
import { type ChannelDescriptor, type CredentialField, MASKED_SECRET } from '@kirisan/contracts';
import { InvalidFieldException } from '../http/invalid-field.js';
import { whyNotPlain } from '../http/plain-text.js';

/** Values by the name of their field; absent ones are left out. */
export type Credentials = Record<string, string>;
type Given = Readonly<Record<string, unknown>>;

/** Characters of a credential, where its channel's descriptor says no other figure; longer ones are answered 400. */
const MAX_CREDENTIAL_LENGTH = 512;

/** Credentials of a new device: blank counts as absent, and what the server makes is made. Throws 400. */
export function newCredentials({ credentials: fields }: ChannelDescriptor, given: Given): Credentials {
  return changedCredentials(fields, {}, given);
}

/**
 * Credentials after an edit: absent keeps, a blank or masked secret keeps, null removes. Throws 400 for an unknown
 * field, a wrong value, or a required one that would be missing.
 */
export function changedCredentials(
  fields: CredentialField[],
  current: Credentials,
  given: Given,
): Credentials {
  refuseUnknown(fields, given);
  const result: Credentials = {};
  for (const field of fields) {
    const value = changedValue(field, current[field.name], given[field.name]) ?? madeValue(field);
    if (value === undefined && field.required) throw invalid(field.name, 'is required');
    if (value !== undefined) result[field.name] = value;
  }
  return result;
}

/** Credentials as they may be shown. Without a descriptor nothing is known to be public. */
export function maskedCredentials(
  fields: CredentialField[] | undefined,
  credentials: Credentials,
): Credentials {
  const entries = Object.entries(credentials).map(([name, value]) => {
    const field = fields?.find((candidate) => candidate.name === name);
    return [name, field?.secret === false ? value : MASKED_SECRET];
  });
  return Object.fromEntries(entries) as Credentials;
}

/** What names the line, as one text; undefined when a part of it was not given. */
export function identityOf(
  { identity, credentials: fields }: ChannelDescriptor,
  values: Credentials,
): string | undefined {
  const parts = identity.map((name) => {
    const value = values[name];
    const pattern = fields.find((field) => field.name === name)?.identityPattern;
    return value !== undefined && pattern ? whole(pattern).exec(value)?.[1] : value;
  });
  return parts.length === 0 || parts.includes(undefined) ? undefined : JSON.stringify(parts);
}

function changedValue(
  field: CredentialField,
  current: string | undefined,
  given: unknown,
): string | undefined {
  if (given === undefined) return current;
  if (given === null) return undefined;
  if (given === '') return field.secret ? current : undefined;
  if (field.secret && given === MASKED_SECRET && current !== undefined) return current;
  const reason =
    whyNotPlain(given, field.maxLength ?? MAX_CREDENTIAL_LENGTH) ?? whyNoMatch(field, given as string);
  if (reason) throw invalid(field.name, reason);
  return given as string;
}

function whyNoMatch({ pattern }: CredentialField, value: string): string | undefined {
  return pattern === undefined || whole(pattern).test(value) ? undefined : `must match ${pattern}`;
}

function madeValue({ generatedBytes }: CredentialField): string | undefined {
  return generatedBytes === undefined ? undefined : randomBytes(generatedBytes).toString('base64url');
}

function refuseUnknown(fields: CredentialField[], given: Given): void {
  const known = fields.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const shown = unknown.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
  throw invalid(shown, `is not a field of this channel; it has ${known.join(', ')}`);
}

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`, 'u');
const invalid = (name: string, reason: string) => new InvalidFieldException(`credentials.${name}`, reason);
