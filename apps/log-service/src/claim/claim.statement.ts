import type { Statement } from '../storage/hot-path.js';

/**
 * The claim: one statement, so one transaction and one round trip.
 *
 * 1. Every event is registered. Its first record counts: a later one changes nothing (the update is there to wait for a
 *    concurrent first one and to read it) and writes no event row.
 * 2. A claim is granted only if the event's first record lists the endpoint, and only to the first token: for a
 *    claim that exists, the conflict's WHERE lets nobody but the same token through.
 * 3. A newly granted claim gets its open row.
 *
 * Rows are inserted in the order of their ids, so that concurrent batches wait for each other instead of deadlocking.
 */
export const CLAIM: Statement = {
  name: 'claim',
  text: `
WITH e AS MATERIALIZED (
  SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::int[], $4::int[], $5::timestamptz[], $6::text[], $7::text[], $8::bool[],
    $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::text[]
  ) AS e (id, endpoint_ids, kind_id, facet, accepted_at, event, channel, production,
          device_id, device_token, device_number, sender, reason, too_large_bytes, payload)
), c AS MATERIALIZED (
  SELECT * FROM unnest(
    $16::uuid[], $17::uuid[], $18::text[], $19::uuid[], $20::bool[], $21::uuid[], $22::uuid[], $23::text[],
    $24::text[], $25::text[], $26::uuid[]
  ) AS c (id, token, incarnation, event_id, listed, match_id, endpoint_id, endpoint_name, url, request_headers, resend_of)
), registered AS (
  INSERT INTO log.registrations AS r (event_id, registered_at, endpoint_ids)
  SELECT id, now(), endpoint_ids::uuid[] FROM e ORDER BY id
  ON CONFLICT (event_id) DO UPDATE SET event_id = excluded.event_id
  RETURNING r.event_id, r.registered_at, r.endpoint_ids, r.xmax = 0 AS is_new
), written AS (
  INSERT INTO log.events (id, registered_at, accepted_at, facet, event, channel, production,
    device_id, device_token, device_number, sender, reason, too_large_bytes, payload)
  SELECT e.id, r.registered_at, accepted_at, facet, event, channel, production,
    device_id, device_token, device_number, sender, reason, too_large_bytes, payload
  FROM e JOIN registered r ON r.event_id = e.id
  WHERE r.is_new
), granted AS (
  INSERT INTO log.claims AS k (id, token, claimed_at)
  SELECT c.id, c.token, now()
  FROM c JOIN registered r ON r.event_id = c.event_id
  WHERE CASE WHEN r.is_new THEN c.listed ELSE c.endpoint_id = ANY (r.endpoint_ids) END
  ORDER BY c.id
  ON CONFLICT (id) DO UPDATE SET token = excluded.token WHERE k.token = excluded.token
  RETURNING k.id, k.claimed_at, k.xmax = 0 AS is_new
), opened AS (
  INSERT INTO log.open_deliveries (id, match_id, event_id, endpoint_id, endpoint_name, url, event, channel, production,
    device_id, device_token, device_number, sender, request_headers, resend_of, claimed_at, kind_id, incarnation)
  SELECT c.id, c.match_id, c.event_id, c.endpoint_id, c.endpoint_name, c.url, e.event, e.channel, e.production,
    e.device_id, e.device_token, e.device_number, e.sender, c.request_headers, c.resend_of, g.claimed_at, e.kind_id,
    c.incarnation
  FROM granted g JOIN c ON c.id = g.id JOIN e ON e.id = c.event_id
  WHERE g.is_new
)
SELECT id, is_new FROM granted`,
};
