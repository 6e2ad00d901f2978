import { Column, Entity } from 'typeorm';
import { DeliveryFacts } from './delivery-facts.js';

/** The final row of a delivery. Inserted once; changed only when a real outcome arrives after it was closed. */
@Entity({ schema: 'log', name: 'deliveries' })
export class DeliveryEntity extends DeliveryFacts {
  @Column('int')
  facet: number;

  @Column('text')
  status: string;

  @Column('text')
  verdict: string;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('int', { name: 'http_status', nullable: true })
  httpStatus: number | null;

  @Column('int', { name: 'duration_ms' })
  durationMs: number;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage: string | null;

  @Column('text', { nullable: true })
  timings: string | null;

  @Column('text', { name: 'response_headers', nullable: true })
  responseHeaders: string | null;

  @Column('text', { name: 'response_body', nullable: true })
  responseBody: string | null;

  @Column('boolean', { name: 'response_truncated' })
  responseTruncated: boolean;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at' })
  finishedAt: Date;

  @Column('timestamptz', { name: 'corrected_at', nullable: true })
  correctedAt: Date | null;
}
