import { Column, PrimaryColumn } from 'typeorm';

/** What the row of a delivery says from its claim on. Names and URL are those of that moment. */
export abstract class DeliveryFacts {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'match_id' })
  matchId: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('uuid', { name: 'endpoint_id' })
  endpointId: string;

  @Column('text', { name: 'endpoint_name' })
  endpointName: string;

  @Column('text')
  url: string;

  @Column('text')
  event: string;

  @Column('text')
  channel: string;

  @Column('boolean')
  production: boolean;

  @Column('uuid', { name: 'device_id' })
  deviceId: string;

  @Column('text', { name: 'device_token' })
  deviceToken: string;

  @Column('text', { name: 'device_number', nullable: true })
  deviceNumber: string | null;

  @Column('text', { nullable: true })
  sender: string | null;

  /** JSON; text and not jsonb, which would alter it. */
  @Column('text', { name: 'request_headers' })
  requestHeaders: string;

  @Column('uuid', { name: 'resend_of', nullable: true })
  resendOf: string | null;

  @Column('timestamptz', { name: 'claimed_at' })
  claimedAt: Date;
}
