import { RESULTS_PER_KIND } from '../storage/facet.js';
import type { Statement } from '../storage/hot-path.js';

const OUTCOMES = `o AS MATERIALIZED (
  SELECT * FROM unnest(
    $1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::bool[], $14::timestamptz[], $15::timestamptz[]
  ) AS o (id, result, status, verdict, reason, http_status, duration_ms, error_code, error_message,
          timings, response_headers, response_body, response_truncated, started_at, finished_at)
)`;

/** Open rows become final ones. Gives back the ids that had an open row; a redelivered outcome finds none. */
export const RECORD_OUTCOMES: Statement = {
  name: 'record_outcomes',
  text: `
WITH ${OUTCOMES}, closed AS (
  DELETE FROM log.open_deliveries WHERE id = ANY ($1::uuid[]) RETURNING *
)
INSERT INTO log.deliveries (id, match_id, event_id, endpoint_id, endpoint_name, url, event, channel, production,
  device_id, device_token, device_number, sender, request_headers, resend_of, claimed_at, facet,
  status, verdict, reason, http_status, duration_ms, error_code, error_message, timings,
  response_headers, response_body, response_truncated, started_at, finished_at)
SELECT c.id, match_id, event_id, endpoint_id, endpoint_name, url, event, channel, production,
  device_id, device_token, device_number, sender, request_headers, resend_of, claimed_at,
  kind_id * ${RESULTS_PER_KIND} + result,
  status, verdict, reason, http_status, duration_ms, error_code, error_message, timings,
  response_headers, response_body, response_truncated, started_at, finished_at
FROM closed c JOIN o ON o.id = c.id
RETURNING id`,
};

/**
 * Rows that were closed as interrupted take the real outcome, once. Its last parameter is when each row was claimed,
 * which leads to its partition. Not on the hot path: it needs nested loops.
 */
export const CORRECT_OUTCOMES = `
WITH ${OUTCOMES}, claimed AS (SELECT * FROM unnest($1::uuid[], $16::timestamptz[]) AS claimed (id, claimed_at))
UPDATE log.deliveries d SET
  facet = d.facet / ${RESULTS_PER_KIND} * ${RESULTS_PER_KIND} + o.result,
  status = o.status, verdict = o.verdict, reason = o.reason, http_status = o.http_status, duration_ms = o.duration_ms,
  error_code = o.error_code, error_message = o.error_message, timings = o.timings,
  response_headers = o.response_headers, response_body = o.response_body, response_truncated = o.response_truncated,
  started_at = o.started_at, finished_at = o.finished_at, corrected_at = now()
FROM o JOIN claimed USING (id)
WHERE d.id = o.id AND d.claimed_at = claimed.claimed_at AND d.reason = 'interrupted' AND d.corrected_at IS NULL
RETURNING d.id`;
