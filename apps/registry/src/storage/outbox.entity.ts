import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A key of a bucket that may differ from the tables; written in the transaction that changed them. */
@Entity('outbox')
export class OutboxEntity {
  @PrimaryGeneratedColumn('increment', { type: 'bigint' })
  id: string;

  @Column('text')
  bucket: string;

  @Column('text')
  key: string;
}
