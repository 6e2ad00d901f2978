import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deliveryResult, RESULTS_PER_KIND } from '../storage/facet.js';

/** Rows closed by one statement: its locks are short. */
const CHUNK = 500;
const MESSAGE = 'the worker that made this delivery stopped before it could say what became of it';

const CLOSE = `
WITH chosen AS (
  SELECT id FROM log.open_deliveries WHERE incarnation = $1 ORDER BY id LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED
), closed AS (
  DELETE FROM log.open_deliveries WHERE id IN (SELECT id FROM chosen) RETURNING *
)
INSERT INTO log.deliveries (id, match_id, event_id, endpoint_id, endpoint_name, url, event, channel, production,
  device_id, device_token, device_number, sender, request_headers, resend_of, claimed_at, facet,
  status, verdict, reason, duration_ms, error_code, error_message, finished_at)
SELECT id, match_id, event_id, endpoint_id, endpoint_name, url, event, channel, production,
  device_id, device_token, device_number, sender, request_headers, resend_of, claimed_at,
  kind_id * ${RESULTS_PER_KIND} + $2,
  'failed', 'sent_no_answer', 'interrupted',
  least(extract(epoch FROM now() - claimed_at) * 1000, 2147483647)::int, 'interrupted', $3, now()
FROM closed
RETURNING id`;

/** Open rows by the incarnation of their worker. */
@Injectable()
export class InterruptedRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Incarnations that have open rows. */
  async incarnations(): Promise<string[]> {
    const rows = await this.dataSource.query<{ incarnation: string }[]>(
      'SELECT DISTINCT incarnation FROM log.open_deliveries',
    );
    return rows.map(({ incarnation }) => incarnation);
  }

  /** Closes the open rows of an incarnation as interrupted; returns how many. Their duration is that until now. */
  async closeRows(incarnation: string): Promise<number> {
    let closed = 0;
    for (;;) {
      const rows = await this.dataSource.query<unknown[]>(CLOSE, [
        incarnation,
        deliveryResult('failed', 'sent_no_answer'),
        MESSAGE,
      ]);
      closed += rows.length;
      if (rows.length < CHUNK) return closed;
    }
  }
}
