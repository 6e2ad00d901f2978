import { registerDecorator } from 'class-validator';
import { isUuid, NO_DEVICE } from '../storage/safe-values.js';

/** A place in the order of a list: what comes after it is older. There need be no row at it. */
export interface Position {
  /** Unix milliseconds. */
  time: number;
  id: string;
}

const MAX_TIME = 253_402_214_400_000;
const LOWEST_ID = NO_DEVICE;
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** After every row of `time` and later. */
export const endOf = (time: number): Position => ({ time, id: LOWEST_ID });
/** Before every row of `time` and earlier. */
export const startOf = (time: number): Position => ({ time, id: HIGHEST_ID });

export function encodeCursor({ time, id }: Position): string {
  return Buffer.from(`1.${time}.${id}`).toString('base64url');
}

/** Undefined when it is not a cursor of ours. */
export function decodeCursor(cursor: string): Position | undefined {
  const [version, time, id, ...rest] = Buffer.from(cursor, 'base64url').toString('latin1').split('.');
  if (version !== '1' || rest.length > 0 || !/^\d{1,15}$/.test(time ?? '') || !isUuid(id)) return undefined;
  return Number(time) <= MAX_TIME ? { time: Number(time), id } : undefined;
}

/** The parameter is a cursor that an earlier page gave. */
export function IsCursor(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isCursor',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value) =>
          typeof value === 'string' && value.length <= 128 && decodeCursor(value) !== undefined,
        defaultMessage: () => 'is not a cursor of this list',
      },
    });
}
