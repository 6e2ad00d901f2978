import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What the low-cardinality facts of an event are together; its id is the larger part of a facet. */
export interface Kind {
  channel: string;
  event: string;
  production: boolean;
}

/** A device as an event named it; a device whose number changed has several entries. */
export interface KnownDevice {
  deviceId: string;
  token: string;
  number: string;
}

/** Entries remembered per process; more only cost a statement now and then. */
const MAX_REMEMBERED = 200_000;
const SEPARATOR = '\u0000';

/**
 * The small tables that searches start from: which kinds of rows there are, and which devices. Each is written before
 * the first row that names it, and remembered, so that the hot path pays nothing for them.
 */
@Injectable()
export class CatalogRepository {
  private readonly kindIds = new Map<string, number>();
  private readonly devices = new Set<string>();

  constructor(private readonly dataSource: DataSource) {}

  /** The kind's id if this process knows it already. */
  knownKindId({ channel, event, production }: Kind): number | undefined {
    return this.kindIds.get(`${channel}${SEPARATOR}${event}${SEPARATOR}${production}`);
  }

  isKnownDevice(device: KnownDevice): boolean {
    return this.devices.has(deviceKey(device));
  }

  async learnKind(kind: Kind): Promise<void> {
    const { channel, event, production } = kind;
    // The update that changes nothing makes the row's id come back when another copy was first.
    const [{ id }] = await this.dataSource.query<[{ id: number }]>(
      `INSERT INTO log.kinds (channel, event, production) VALUES ($1, $2, $3)
       ON CONFLICT (channel, event, production) DO UPDATE SET channel = excluded.channel RETURNING id`,
      [channel, event, production],
    );
    this.kindIds.set(`${channel}${SEPARATOR}${event}${SEPARATOR}${production}`, id);
  }

  async learnDevices(devices: KnownDevice[]): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO log.devices (device_id, token, number)
       SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
      [
        devices.map(({ deviceId }) => deviceId),
        devices.map(({ token }) => token),
        devices.map(({ number }) => number),
      ],
    );
    if (this.devices.size + devices.length > MAX_REMEMBERED) this.devices.clear();
    for (const device of devices) this.devices.add(deviceKey(device));
  }

  /** Every kind that was ever seen. */
  kinds(): Promise<(Kind & { id: number })[]> {
    return this.dataSource.query('SELECT id, channel, event, production FROM log.kinds');
  }

  /** Ids of devices whose token or number starts with the prefix: at most `limit`. */
  async devicesByPrefix(prefix: string, limit: number): Promise<string[]> {
    const pattern = likePrefix(prefix);
    const rows = await this.dataSource.query<{ device_id: string }[]>(
      `SELECT DISTINCT device_id FROM (
         (SELECT device_id FROM log.devices WHERE token LIKE $1 LIMIT $2)
         UNION ALL (SELECT device_id FROM log.devices WHERE number LIKE $1 LIMIT $2)) found LIMIT $2`,
      [pattern, limit],
    );
    return rows.map((row) => row.device_id);
  }
}

/** A LIKE pattern for texts that start with `prefix`, whose own `%`, `_` and `\` mean themselves. */
export function likePrefix(prefix: string): string {
  return `${prefix.replace(/[\\%_]/g, '\\$&')}%`;
}

function deviceKey({ deviceId, token, number }: KnownDevice): string {
  return `${deviceId}${SEPARATOR}${token}${SEPARATOR}${number}`;
}
