import type { EventSummary } from '@kirisan/log-client';
import type { EventEntity } from '../storage/event.entity.js';
import { NO_DEVICE } from '../storage/safe-values.js';

/** Select list of what a list shows of an event; the payload stays where it is. */
export const EVENT_COLUMNS = `
  id, registered_at AS "registeredAt", accepted_at AS "acceptedAt", event, channel, production,
  device_id AS "deviceId", device_token AS "deviceToken", device_number AS "deviceNumber", sender, reason,
  too_large_bytes AS "tooLargeBytes",
  (SELECT cardinality(endpoint_ids) FROM log.registrations r WHERE r.event_id = numbered.id) AS "matchCount"`;

export type EventRow = Omit<EventEntity, 'payload' | 'facet'> & { matchCount: number | null };

export function eventSummary(row: EventRow): EventSummary {
  return {
    id: row.id,
    event: row.event,
    channel: row.channel,
    device: row.deviceToken,
    deviceId: row.deviceId === NO_DEVICE ? null : row.deviceId,
    deviceNumber: row.deviceNumber,
    sender: row.sender,
    production: row.production,
    matchCount: row.matchCount ?? 0,
    reason: row.reason,
    tooLargeBytes: row.tooLargeBytes === null ? null : Number(row.tooLargeBytes),
    acceptedAt: row.acceptedAt.toISOString(),
    createdAt: row.registeredAt.toISOString(),
  };
}
