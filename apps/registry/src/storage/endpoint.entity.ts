import type { EndpointStatus, EventType } from '@kirisan/contracts';
import { Column, CreateDateColumn, Entity, Generated, PrimaryColumn, UpdateDateColumn } from 'typeorm';

@Entity('endpoints')
export class EndpointEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** Order of creation, for paging. */
  @Column('bigint', { unique: true })
  @Generated('increment')
  position: string;

  /** Grows by one with every change. */
  @Column('integer')
  revision: number;

  @Column('text')
  name: string;

  @Column('text')
  url: string;

  /** The revision in which the URL was set: what was tested before it counts for another URL. */
  @Column('integer', { name: 'url_since' })
  urlSince: number;

  /** Whether a test succeeded or the first message arrived since the URL was set. */
  @Column('boolean', { default: false })
  tested: boolean;

  @Column('text', { name: 'sealed_secret', nullable: true })
  sealedSecret: string | null;

  @Column('text', { array: true })
  events: EventType[];

  /** Subscribed to submissions by their old name alone. */
  @Column('boolean', { name: 'legacy_submission', default: false })
  legacySubmission: boolean;

  @Column('text')
  status: EndpointStatus;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
