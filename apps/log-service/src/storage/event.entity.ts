import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An accepted event: its facts, its payload (once, however many matches), or the reason why it matched nothing. */
@Entity({ schema: 'log', name: 'events' })
export class EventEntity {
  @PrimaryColumn('uuid')
  id: string;

  @PrimaryColumn('timestamptz', { name: 'registered_at' })
  registeredAt: Date;

  @Column('timestamptz', { name: 'accepted_at' })
  acceptedAt: Date;

  @Column('int')
  facet: number;

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

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('bigint', { name: 'too_large_bytes', nullable: true })
  tooLargeBytes: string | null;

  @Column('text')
  payload: string;
}
