import type { DeliveryTimings } from '@kirisan/contracts';
import type { DeliveryDetail, DeliverySummary } from '@kirisan/log-client';
import type { DeliveryEntity } from '../storage/delivery.entity.js';
import type { OpenDeliveryEntity } from '../storage/open-delivery.entity.js';
import { NO_DEVICE } from '../storage/safe-values.js';

/** Select list of what a list shows of a delivery; headers and bodies stay where they are. */
export const DELIVERY_COLUMNS = `
  id, match_id AS "matchId", event_id AS "eventId", endpoint_id AS "endpointId", endpoint_name AS "endpointName", url,
  event, channel, production, device_id AS "deviceId", device_token AS "deviceToken", device_number AS "deviceNumber",
  sender, resend_of AS "resendOf", claimed_at AS "claimedAt", status, verdict, reason, http_status AS "httpStatus",
  duration_ms AS "durationMs", error_code AS "errorCode", error_message AS "errorMessage", started_at AS "startedAt",
  finished_at AS "finishedAt", corrected_at AS "correctedAt"`;

type Large =
  'requestHeaders' | 'timings' | 'responseHeaders' | 'responseBody' | 'responseTruncated' | 'facet';
export type DeliveryRow = Omit<DeliveryEntity, Large>;

export function deliverySummary(row: DeliveryRow): DeliverySummary {
  return {
    ...factsOf(row),
    status: row.status as DeliverySummary['status'],
    verdict: row.verdict as DeliverySummary['verdict'],
    reason: row.reason,
    httpStatus: row.httpStatus,
    durationMs: row.durationMs,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' },
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt.toISOString(),
    correctedAt: row.correctedAt?.toISOString() ?? null,
  };
}

export function openSummary(row: OpenDeliveryEntity): DeliverySummary {
  return {
    ...factsOf(row),
    status: 'open',
    verdict: null,
    reason: null,
    httpStatus: null,
    durationMs: null,
    error: null,
    startedAt: null,
    finishedAt: null,
    correctedAt: null,
  };
}

export function deliveryDetail(row: DeliveryEntity, body: string | null): DeliveryDetail {
  return {
    ...deliverySummary(row),
    request: requestOf(row, body),
    response: responseOf(row),
    timings: (row.timings === null ? {} : JSON.parse(row.timings)) as DeliveryTimings,
  };
}

export function openDetail(row: OpenDeliveryEntity, body: string | null): DeliveryDetail {
  return { ...openSummary(row), request: requestOf(row, body), response: null, timings: {} };
}

function factsOf(row: DeliveryRow | OpenDeliveryEntity) {
  return {
    id: row.id,
    matchId: row.matchId,
    eventId: row.eventId,
    endpointId: row.endpointId,
    endpointName: row.endpointName,
    url: row.url,
    event: row.event,
    channel: row.channel,
    device: row.deviceToken,
    deviceId: row.deviceId === NO_DEVICE ? null : row.deviceId,
    deviceNumber: row.deviceNumber,
    sender: row.sender,
    production: row.production,
    createdAt: row.claimedAt.toISOString(),
    resendOf: row.resendOf,
  };
}

function requestOf(row: DeliveryEntity | OpenDeliveryEntity, body: string | null): DeliveryDetail['request'] {
  const headers = JSON.parse(row.requestHeaders) as Record<string, string>;
  return { method: 'POST', url: row.url, headers, body };
}

function responseOf(row: DeliveryEntity): DeliveryDetail['response'] {
  if (row.httpStatus === null) return null;
  return {
    status: row.httpStatus,
    headers: (row.responseHeaders === null ? {} : JSON.parse(row.responseHeaders)) as Record<
      string,
      string | string[]
    >,
    body: row.responseBody,
    truncated: row.responseTruncated,
  };
}
