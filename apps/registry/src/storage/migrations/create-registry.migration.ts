import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE "registry"."devices" (
    "id" uuid NOT NULL,
    "position" BIGSERIAL NOT NULL,
    "token" text NOT NULL,
    "channel" text NOT NULL,
    "name" text NOT NULL,
    "number" text,
    "inbound_mode" text NOT NULL DEFAULT 'webhook',
    "sealed_credentials" text NOT NULL,
    "identity_hash" text,
    "share_hash" text,
    "ingest_key" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    "updated_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    CONSTRAINT "UQ_5fa38221555a6291728649b7ddd" UNIQUE ("position"),
    CONSTRAINT "UQ_653b03d2083d8c66240b8df066e" UNIQUE ("token"),
    CONSTRAINT "PK_b1514758245c12daf43486dd1f0" PRIMARY KEY ("id")
  )`,
  `CREATE INDEX "devices_shared_ingest" ON "registry"."devices" ("channel", "share_hash")`,
  `CREATE UNIQUE INDEX "devices_identity" ON "registry"."devices" ("channel", "identity_hash")
    WHERE "identity_hash" IS NOT NULL`,
  `CREATE TABLE "registry"."endpoints" (
    "id" uuid NOT NULL,
    "position" BIGSERIAL NOT NULL,
    "revision" integer NOT NULL,
    "name" text NOT NULL,
    "url" text NOT NULL,
    "url_since" integer NOT NULL,
    "tested" boolean NOT NULL DEFAULT false,
    "sealed_secret" text,
    "events" text array NOT NULL,
    "legacy_submission" boolean NOT NULL DEFAULT false,
    "status" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    "updated_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    CONSTRAINT "UQ_c2a7ee67b47fd100db3da2b8bb2" UNIQUE ("position"),
    CONSTRAINT "PK_70835610dfa54ad5d990e02f70a" PRIMARY KEY ("id")
  )`,
  `CREATE TABLE "registry"."endpoint_devices" (
    "endpoint_id" uuid NOT NULL,
    "device_id" uuid NOT NULL,
    "place" integer NOT NULL,
    CONSTRAINT "PK_5ffec91058370bee30becf9b218" PRIMARY KEY ("endpoint_id", "device_id"),
    CONSTRAINT "endpoint_devices_endpoint_fk" FOREIGN KEY ("endpoint_id")
      REFERENCES "registry"."endpoints" ("id") ON DELETE CASCADE,
    CONSTRAINT "endpoint_devices_device_fk" FOREIGN KEY ("device_id")
      REFERENCES "registry"."devices" ("id") ON DELETE CASCADE
  )`,
  `CREATE INDEX "endpoint_devices_device" ON "registry"."endpoint_devices" ("device_id")`,
  `CREATE TABLE "registry"."outbox" (
    "id" BIGSERIAL NOT NULL,
    "bucket" text NOT NULL,
    "key" text NOT NULL,
    CONSTRAINT "PK_340ab539f309f03bdaa14aa7649" PRIMARY KEY ("id")
  )`,
  `CREATE TABLE "registry"."sealed_settings" (
    "name" text NOT NULL,
    "sealed" text NOT NULL,
    CONSTRAINT "PK_f0ab93f9b7f264b356af52391a3" PRIMARY KEY ("name")
  )`,
];

const TABLES = ['sealed_settings', 'outbox', 'endpoint_devices', 'endpoints', 'devices'];

export class CreateRegistry1763900000000 implements MigrationInterface {
  name = 'CreateRegistry1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE "registry"."${table}"`);
  }
}
