import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A secret that the registry made for itself, sealed. */
@Entity('sealed_settings')
export class SealedSettingEntity {
  @PrimaryColumn('text')
  name: string;

  @Column('text')
  sealed: string;
}
