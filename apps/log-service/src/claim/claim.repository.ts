import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { eventResult, REASONS_PER_KIND } from '../storage/facet.js';
import { CatalogRepository } from '../storage/catalog.repository.js';
import { HotPath } from '../storage/hot-path.js';
import { OpenDeliveryEntity } from '../storage/open-delivery.entity.js';
import {
  boolArray,
  int4Array,
  int8Array,
  textArray,
  timestampArray,
  uuidArray,
} from '../storage/pg-array.js';
import { NO_DEVICE } from '../storage/safe-values.js';
import type { ClaimBatch, ClaimRow, EventRow } from './claim-batch.js';
import { CLAIM } from './claim.statement.js';

/** What became of a batch's claims; ids in neither list are somebody else's. */
export interface Claimed {
  won: Set<string>;
  /** Their token held them, and their rows are closed. */
  closed: Set<string>;
}

interface Granted {
  id: string;
  is_new: boolean;
}

/** Registers events and grants claims, in one statement and so in one transaction. */
@Injectable()
export class ClaimRepository {
  constructor(
    private readonly hotPath: HotPath,
    private readonly catalog: CatalogRepository,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * The ids among the batch's claims that their tokens hold or held. Ids and events must be unique within the batch.
   * Throws the database's error when a row is bad, `TransientError` otherwise.
   */
  async claim({ events, claims }: ClaimBatch): Promise<Claimed> {
    await this.learn(events);
    const granted = await this.hotPath.run<Granted>(CLAIM, [
      ...this.eventColumns(events),
      ...claimColumns(claims),
    ]);
    const won = new Set(granted.filter((row) => row.is_new).map((row) => row.id));
    const asked = granted.filter((row) => !row.is_new);
    for (const id of await this.stillOpen(asked)) won.add(id);
    return { won, closed: new Set(asked.map(({ id }) => id).filter((id) => !won.has(id))) };
  }

  /**
   * A token that asks again wins again, but only while its row is open: once closed, its POST must not start. This is a
   * statement of its own because the first ask may have committed after the snapshot of the one before.
   */
  private async stillOpen(asked: Granted[]): Promise<string[]> {
    if (asked.length === 0) return [];
    const rows = await this.dataSource
      .getRepository(OpenDeliveryEntity)
      .find({ select: { id: true }, where: { id: In(asked.map(({ id }) => id)) } });
    return rows.map(({ id }) => id);
  }

  private async learn(events: EventRow[]): Promise<void> {
    for (const event of events)
      if (this.catalog.knownKindId(event) === undefined) await this.catalog.learnKind(event);
    const devices = events
      .filter(({ deviceId }) => deviceId !== NO_DEVICE)
      .map(({ deviceId, deviceToken, deviceNumber }) => ({
        deviceId,
        token: deviceToken,
        number: deviceNumber ?? '',
      }))
      .filter((device) => !this.catalog.isKnownDevice(device));
    if (devices.length > 0) await this.catalog.learnDevices(devices);
  }

  private eventColumns(events: EventRow[]): Buffer[] {
    const kinds = events.map((event) => this.catalog.knownKindId(event)!);
    return [
      uuidArray(events.map(({ id }) => id)),
      textArray(events.map(({ endpointIds }) => `{${endpointIds.join(',')}}`)),
      int4Array(kinds),
      int4Array(events.map(({ reason }, i) => kinds[i]! * REASONS_PER_KIND + eventResult(reason))),
      timestampArray(events.map(({ acceptedAt }) => acceptedAt)),
      textArray(events.map(({ event }) => event)),
      textArray(events.map(({ channel }) => channel)),
      boolArray(events.map(({ production }) => production)),
      uuidArray(events.map(({ deviceId }) => deviceId)),
      textArray(events.map(({ deviceToken }) => deviceToken)),
      textArray(events.map(({ deviceNumber }) => deviceNumber)),
      textArray(events.map(({ sender }) => sender)),
      textArray(events.map(({ reason }) => reason)),
      int8Array(events.map(({ tooLargeBytes }) => tooLargeBytes)),
      textArray(events.map(({ payload }) => payload)),
    ];
  }
}

function claimColumns(claims: ClaimRow[]): Buffer[] {
  return [
    uuidArray(claims.map(({ id }) => id)),
    uuidArray(claims.map(({ token }) => token)),
    textArray(claims.map(({ incarnation }) => incarnation)),
    uuidArray(claims.map(({ event }) => event.id)),
    boolArray(claims.map(({ listed }) => listed)),
    uuidArray(claims.map(({ matchId }) => matchId)),
    uuidArray(claims.map(({ endpointId }) => endpointId)),
    textArray(claims.map(({ endpointName }) => endpointName)),
    textArray(claims.map(({ url }) => url)),
    textArray(claims.map(({ requestHeaders }) => requestHeaders)),
    uuidArray(claims.map(({ resendOf }) => resendOf)),
  ];
}
