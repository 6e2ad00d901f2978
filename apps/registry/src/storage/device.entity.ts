import { INBOUND_MODES, type InboundMode } from '@kirisan/contracts';
import { Column, CreateDateColumn, Entity, Generated, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';

export const DEVICE_IDENTITY_INDEX = 'devices_identity';

@Entity('devices')
@Index(DEVICE_IDENTITY_INDEX, ['channel', 'identityHash'], {
  unique: true,
  where: '"identity_hash" IS NOT NULL',
})
@Index('devices_shared_ingest', ['channel', 'shareHash'])
export class DeviceEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** Order of creation, for paging. */
  @Column('bigint', { unique: true })
  @Generated('increment')
  position: string;

  @Column('text', { unique: true })
  token: string;

  @Column('text')
  channel: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  number: string | null;

  @Column('text', { name: 'inbound_mode', default: INBOUND_MODES[0] })
  inboundMode: InboundMode;

  @Column('text', { name: 'sealed_credentials' })
  sealedCredentials: string;

  /** Keyed hash of the credentials that name the line; none where those were not given. */
  @Column('text', { name: 'identity_hash', nullable: true })
  identityHash: string | null;

  /** Keyed hash of the credential whose equal value makes devices share an ingest URL. */
  @Column('text', { name: 'share_hash', nullable: true })
  shareHash: string | null;

  @Column('text', { name: 'ingest_key' })
  ingestKey: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
