import type { MessageLocation } from '@kirisan/contracts';
import { asNumber } from './values.js';

/** A place from a latitude and a longitude in degrees (0 is a value); undefined unless both are on the globe. */
export function locationOf(latitude: unknown, longitude: unknown): MessageLocation | undefined {
  const lat = asNumber(latitude);
  const lng = asNumber(longitude);
  if (lat === undefined || lng === undefined || Math.abs(lat) > 90 || Math.abs(lng) > 180) return undefined;
  return { latitude: lat, longitude: lng, coordinate: `${lat},${lng}` };
}
