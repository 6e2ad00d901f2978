import { Injectable } from '@nestjs/common';
import { matchId } from '@kirisan/contracts';
import { DataSource, In } from 'typeorm';
import { ClaimEntity } from '../storage/claim.entity.js';
import { DeliveryEntity } from '../storage/delivery.entity.js';
import { EventEntity } from '../storage/event.entity.js';
import { OpenDeliveryEntity } from '../storage/open-delivery.entity.js';
import { RegistrationEntity } from '../storage/registration.entity.js';
import { DELIVERY_COLUMNS, type DeliveryRow } from './delivery-answer.js';

/** Primary keys of deliveries. */
export interface DeliveryKeys {
  ids: string[];
  times: Date[];
}

/** An event's first record with all that became of it. */
export interface EventRecord {
  registration: RegistrationEntity;
  event: EventEntity;
  /** Ids of the matches that were claimed. */
  claimed: Set<string>;
  open: OpenDeliveryEntity[];
  final: DeliveryRow[];
}

/** Reads single rows: claims and registrations, which are not partitioned, say in which partition to look. */
@Injectable()
export class LogRepository {
  constructor(private readonly dataSource: DataSource) {}

  async delivery(id: string): Promise<DeliveryEntity | null> {
    const claim = await this.dataSource.getRepository(ClaimEntity).findOneBy({ id });
    if (!claim) return null;
    return this.dataSource.getRepository(DeliveryEntity).findOneBy({ claimedAt: claim.claimedAt, id });
  }

  openDelivery(id: string): Promise<OpenDeliveryEntity | null> {
    return this.dataSource.getRepository(OpenDeliveryEntity).findOneBy({ id });
  }

  /** Null when the event has left the log. */
  async payload(eventId: string): Promise<string | null> {
    const registration = await this.registration(eventId);
    return registration ? ((await this.eventRow(registration))?.payload ?? null) : null;
  }

  async event(id: string): Promise<EventRecord | null> {
    const registration = await this.registration(id);
    const event = registration && (await this.eventRow(registration));
    if (!event) return null;
    // In this order: a row that becomes final meanwhile is then found twice rather than not at all.
    const open = await this.dataSource.getRepository(OpenDeliveryEntity).findBy({ eventId: id });
    const keys = await this.keysOf(registration);
    const final = await this.deliveries(keys);
    return { registration, event, claimed: new Set(keys.ids), open, final };
  }

  /** Keys of an event's deliveries, whether they have become final or not. */
  async keysOfEvent(eventId: string): Promise<DeliveryKeys> {
    const registration = await this.registration(eventId);
    return registration ? this.keysOf(registration) : { ids: [], times: [] };
  }

  private registration(eventId: string): Promise<RegistrationEntity | null> {
    return this.dataSource.getRepository(RegistrationEntity).findOneBy({ eventId });
  }

  private eventRow({ eventId, registeredAt }: RegistrationEntity): Promise<EventEntity | null> {
    return this.dataSource.getRepository(EventEntity).findOneBy({ registeredAt, id: eventId });
  }

  /** Automatic deliveries have ids that follow from event and endpoint; resends have their own small index. */
  private async keysOf({ eventId, endpointIds, registeredAt }: RegistrationEntity): Promise<DeliveryKeys> {
    const matches = endpointIds.map((endpointId) => matchId(eventId, endpointId));
    const claims = await this.dataSource.getRepository(ClaimEntity).findBy({ id: In(matches) });
    const resends = await this.dataSource.query<{ id: string; claimedAt: Date }[]>(
      `SELECT id, claimed_at AS "claimedAt" FROM log.deliveries
       WHERE event_id = $1 AND resend_of IS NOT NULL AND claimed_at >= $2`,
      [eventId, registeredAt],
    );
    const all = [...claims, ...resends];
    return { ids: all.map(({ id }) => id), times: all.map(({ claimedAt }) => claimedAt) };
  }

  private deliveries({ ids, times }: DeliveryKeys): Promise<DeliveryRow[]> {
    return this.dataSource.query(
      `SELECT ${DELIVERY_COLUMNS} FROM unnest($1::uuid[], $2::timestamptz[]) AS keys (key, time)
       CROSS JOIN LATERAL (SELECT * FROM log.deliveries WHERE claimed_at = time AND id = key) found
       ORDER BY claimed_at, id`,
      [ids, times],
    );
  }
}
