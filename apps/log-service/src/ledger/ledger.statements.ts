/** The id of a match as `matchId` makes it: SHA-256 of its text, cut to a UUID of version 8. */
const DIGEST = (event: string, endpoint: string) =>
  `sha256(convert_to('match:' || ${event} || ':' || ${endpoint}, 'UTF8'))`;
const UUID_OF = (digest: string) => `(left(encode(${digest}, 'hex'), 12) || '8' ||
  substr(encode(${digest}, 'hex'), 14, 3) || substr('89ab', (get_byte(${digest}, 8) >> 4 & 3) + 1, 1) ||
  substr(encode(${digest}, 'hex'), 18, 15))::uuid`;

/** Matches by the registrations of a span. OFFSET 0 keeps the digest from being made anew wherever it is used. */
const matches = (from: string, to: string) => `m AS MATERIALIZED (
  SELECT event_id, endpoint_id, registered_at, ${UUID_OF('digest')} AS id
  FROM (
    SELECT event_id, registered_at, endpoint_id, ${DIGEST('event_id', 'endpoint_id')} AS digest
    FROM log.registrations, unnest(endpoint_ids) AS endpoint_id
    WHERE registered_at >= ${from} AND registered_at < ${to} OFFSET 0
  ) digested
)`;
const MATCHES = matches('$1', '$2');

/** Claims of the matches `m`. */
const CLAIMS = `k AS MATERIALIZED (SELECT claims.id, claims.claimed_at FROM m JOIN log.claims ON claims.id = m.id)`;

/** Whether a claim `k` has its row; the bounds leave out the partitions that can not hold it. */
const rowsOfClaim = (latest: string) => `
  LEFT JOIN log.open_deliveries o ON o.id = k.id
  LEFT JOIN log.deliveries d ON d.id = k.id AND d.claimed_at = k.claimed_at
    AND d.claimed_at >= $1 AND d.claimed_at <= ${latest}`;
const LATEST_OF_MATCHES = '(SELECT max(claimed_at) FROM k)';

const ROWS = `rows AS (
  SELECT id, event_id, endpoint_id, claimed_at, resend_of FROM log.deliveries WHERE claimed_at >= $1 AND claimed_at < $2
  UNION ALL
  SELECT id, event_id, endpoint_id, claimed_at, resend_of FROM log.open_deliveries WHERE claimed_at >= $1 AND claimed_at < $2
)`;

const CLAIMS_WITHOUT_ROW = `homeless AS (
  SELECT k.id, NULL::uuid AS event_id, NULL::uuid AS endpoint_id, k.claimed_at
  FROM log.claims k ${rowsOfClaim('$2')}
  WHERE k.claimed_at >= $1 AND k.claimed_at < $2 AND o.id IS NULL AND d.id IS NULL
)`;

/** Events registered in a span, and how many of them matched. */
export const EVENTS = `
SELECT count(*)::int AS registered, (count(*) FILTER (WHERE cardinality(endpoint_ids) > 0))::int AS matched
FROM log.registrations WHERE registered_at >= $1 AND registered_at < $2`;

/** Matches of a span by the state of their claims and rows. */
export const STATES = `
WITH ${MATCHES}, ${CLAIMS}
SELECT CASE WHEN k.id IS NULL THEN 'unclaimed' WHEN d.id IS NOT NULL THEN 'final'
    WHEN o.id IS NOT NULL THEN 'open' ELSE 'homeless' END AS state,
  d.status, d.verdict, d.reason, count(*)::int AS count
FROM m LEFT JOIN k ON k.id = m.id ${rowsOfClaim(LATEST_OF_MATCHES)}
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC`;

/** Matches of a span that nobody has claimed, oldest first; `$3` is how many. */
export const UNCLAIMED = `
WITH ${MATCHES}
SELECT m.id, event_id, endpoint_id, registered_at AS at
FROM m LEFT JOIN log.claims k ON k.id = m.id
WHERE k.id IS NULL ORDER BY registered_at, m.id LIMIT $3`;

/** Which of these ids have been claimed meanwhile. */
export const CLAIMED = 'SELECT id FROM log.claims WHERE id = ANY ($1::uuid[])';

const listed = (query: string) =>
  `${query.replace('SELECT', 'SELECT count(*) OVER ()::int AS total,')} ORDER BY at, 2 LIMIT $3`;

/** Lists of exceptions: the oldest `$3`, each with the number of all. */
export const EXCEPTIONS = {
  claim_without_match: `WITH ${ROWS} ${listed(`
    SELECT rows.id, rows.event_id, rows.endpoint_id, rows.claimed_at AS at
    FROM rows LEFT JOIN log.registrations r ON r.event_id = rows.event_id
    WHERE rows.resend_of IS NULL AND (r.event_id IS NULL OR rows.endpoint_id <> ALL (r.endpoint_ids)
      OR rows.id <> ${UUID_OF(DIGEST('rows.event_id', 'rows.endpoint_id'))})`)}`,
  claim_without_row: `WITH ${MATCHES}, ${CLAIMS}, ${CLAIMS_WITHOUT_ROW}, found AS (
      SELECT * FROM homeless
      UNION ALL
      SELECT k.id, m.event_id, m.endpoint_id, k.claimed_at
      FROM m JOIN k ON k.id = m.id ${rowsOfClaim(LATEST_OF_MATCHES)}
      WHERE k.claimed_at >= $2 AND o.id IS NULL AND d.id IS NULL
    ) ${listed('SELECT id, event_id, endpoint_id, claimed_at AS at FROM found')}`,
  row_without_claim: `WITH ${ROWS} ${listed(`
    SELECT rows.id, event_id, endpoint_id, rows.claimed_at AS at
    FROM rows LEFT JOIN log.claims k ON k.id = rows.id AND k.claimed_at = rows.claimed_at
    WHERE k.id IS NULL`)}`,
  two_rows: listed(`
    SELECT o.id, o.event_id, o.endpoint_id, o.claimed_at AS at
    FROM log.open_deliveries o JOIN log.deliveries d ON d.id = o.id AND d.claimed_at = o.claimed_at
    WHERE o.claimed_at >= $1 AND o.claimed_at < $2`),
  corrected: listed(`
    SELECT id, event_id, endpoint_id, claimed_at AS at FROM log.deliveries
    WHERE claimed_at >= $1 AND claimed_at < $2 AND corrected_at IS NOT NULL`),
};

/** Rows that are open since before `$1`, whenever they were claimed. */
export const OPEN_TOO_LONG = `
SELECT count(*) OVER ()::int AS total, id, event_id, endpoint_id, claimed_at AS at
FROM log.open_deliveries WHERE claimed_at < $1 ORDER BY at, id LIMIT $2`;

/**
 * Claims that have no row which could name their event, and whose id is that of no match registered in the span or in the
 * day before it.
 */
export const STRAY_CLAIMS = `
WITH ${matches("$1::timestamptz - interval '1 day'", '$2')}, ${CLAIMS_WITHOUT_ROW}
${listed(`
  SELECT homeless.id, homeless.event_id, homeless.endpoint_id, homeless.claimed_at AS at
  FROM homeless LEFT JOIN m ON m.id = homeless.id WHERE m.id IS NULL`)}`;
