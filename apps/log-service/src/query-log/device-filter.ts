import { type CatalogRepository, likePrefix } from '../storage/catalog.repository.js';
import { NO_DEVICE } from '../storage/safe-values.js';
import type { Condition, SearchPlan } from './search-plan.js';

/** More devices than this are looked for row by row: merging the scans of each would cost more than walking. */
const MAX_MERGED = 16;

interface DevicePlan {
  lead?: SearchPlan['lead'];
  rest: Condition[];
}

/**
 * How rows of a device are found: by its id, or by a prefix of its token or number. The prefix is looked up among the
 * known devices first; rows are compared all the same, as a device may have changed its number.
 */
export async function deviceFilter(
  catalog: CatalogRepository,
  { device, deviceId }: { device?: string; deviceId?: string },
): Promise<DevicePlan> {
  const byId = deviceId === undefined ? undefined : { column: 'device_id' as const, values: [deviceId] };
  if (device === undefined) return { lead: byId, rest: [] };
  const pattern = likePrefix(device);
  const rest = [{ sql: 'device_token LIKE $ OR device_number LIKE $', value: pattern }];
  if (byId) return { lead: byId, rest };
  const found = await catalog.devicesByPrefix(device, MAX_MERGED + 1);
  if (found.length > MAX_MERGED) return { rest };
  // Rows without a device that is set up bear a token all the same.
  return { lead: { column: 'device_id', values: [...found, NO_DEVICE] }, rest };
}
