import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who may POST a delivery. Slim, and kept for the whole claim horizon: this row is what "never twice" rests on. */
@Entity({ schema: 'log', name: 'claims' })
export class ClaimEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  token: string;

  @Column('timestamptz', { name: 'claimed_at' })
  claimedAt: Date;
}
