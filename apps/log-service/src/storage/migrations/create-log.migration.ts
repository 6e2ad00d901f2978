import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The log's tables. Partitioned ones get their partitions from `PartitionRepository`, not from here.
 * Ids are in `C` order where prefixes are searched, so that a plain index serves `LIKE 'prefix%'`.
 */
export class CreateLog1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'deliveries',
      'open_deliveries',
      'claims',
      'events',
      'registrations',
      'devices',
      'kinds',
    ]) {
      await runner.query(`DROP TABLE log.${table}`);
    }
  }
}

/** What an open and a final row have in common. */
const DELIVERY_FACTS = `
  id uuid NOT NULL,
  match_id uuid NOT NULL,
  event_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  endpoint_name text NOT NULL,
  url text NOT NULL,
  event text NOT NULL,
  channel text NOT NULL,
  production boolean NOT NULL,
  device_id uuid NOT NULL,
  device_token text NOT NULL,
  device_number text,
  sender text,
  request_headers text NOT NULL,
  resend_of uuid,
  claimed_at timestamptz(3) NOT NULL`;

const STATEMENTS = [
  `CREATE TABLE log.kinds (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL,
    event text NOT NULL,
    production boolean NOT NULL,
    UNIQUE (channel, event, production)
  )`,
  `CREATE TABLE log.devices (
    device_id uuid NOT NULL,
    token text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    PRIMARY KEY (token, number, device_id)
  )`,
  `CREATE INDEX devices_number ON log.devices (number)`,
  `CREATE TABLE log.registrations (
    event_id uuid PRIMARY KEY,
    registered_at timestamptz(3) NOT NULL,
    endpoint_ids uuid[] NOT NULL
  )`,
  `CREATE INDEX registrations_registered_at ON log.registrations (registered_at)`,
  `CREATE TABLE log.events (
    id uuid NOT NULL,
    registered_at timestamptz(3) NOT NULL,
    accepted_at timestamptz(3) NOT NULL,
    facet integer NOT NULL,
    event text NOT NULL,
    channel text NOT NULL,
    production boolean NOT NULL,
    device_id uuid NOT NULL,
    device_token text NOT NULL,
    device_number text,
    sender text,
    reason text,
    too_large_bytes bigint,
    payload text NOT NULL,
    PRIMARY KEY (registered_at, id)
  ) PARTITION BY RANGE (registered_at)`,
  `CREATE INDEX events_facet ON log.events (facet, registered_at)`,
  `CREATE INDEX events_device ON log.events (device_id, facet, registered_at)`,
  `CREATE INDEX events_sender ON log.events (sender, registered_at) WHERE sender IS NOT NULL`,
  `CREATE TABLE log.claims (
    id uuid PRIMARY KEY,
    token uuid NOT NULL,
    claimed_at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX claims_claimed_at ON log.claims (claimed_at)`,
  // Every row is inserted and deleted within seconds: it is vacuumed by count, not by share.
  `CREATE TABLE log.open_deliveries (${DELIVERY_FACTS},
    kind_id integer NOT NULL,
    incarnation text NOT NULL,
    PRIMARY KEY (id)
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)`,
  `CREATE TABLE log.deliveries (${DELIVERY_FACTS},
    facet integer NOT NULL,
    status text NOT NULL,
    verdict text NOT NULL,
    reason text,
    http_status integer,
    duration_ms integer NOT NULL,
    error_code text,
    error_message text,
    timings text,
    response_headers text,
    response_body text,
    response_truncated boolean NOT NULL DEFAULT false,
    started_at timestamptz(3),
    finished_at timestamptz(3) NOT NULL,
    corrected_at timestamptz(3),
    PRIMARY KEY (claimed_at, id)
  ) PARTITION BY RANGE (claimed_at)`,
  `CREATE INDEX deliveries_facet ON log.deliveries (facet, claimed_at)`,
  `CREATE INDEX deliveries_endpoint ON log.deliveries (endpoint_id, facet, claimed_at)`,
  `CREATE INDEX deliveries_device ON log.deliveries (device_id, facet, claimed_at)`,
  // Deliveries of an event are found by their match ids; only resends have ids of their own.
  `CREATE INDEX deliveries_resends ON log.deliveries (event_id) WHERE resend_of IS NOT NULL`,
];
