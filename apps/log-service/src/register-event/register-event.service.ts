import { Injectable } from '@nestjs/common';
import {
  decodeRecords,
  encodeRecords,
  type EventRecord,
  SUBJECTS,
  type UnmatchedFacts,
} from '@kirisan/contracts';
import { errorText } from '@kirisan/service';
import { ClaimRequestError, type EventRow, eventRow } from '../claim/claim-batch.js';
import { ClaimService } from '../claim/claim.service.js';
import { DeadLetters } from '../storage/dead-letters.client.js';

/** Gives every event without a match its record: that is what answers "my message came, why no webhook?". */
@Injectable()
export class RegisterEventService {
  constructor(
    private readonly claims: ClaimService,
    private readonly deadLetters: DeadLetters,
  ) {}

  /** A message as the router sent it. Throws `FrameError` when it is none, `TransientError`. */
  async take(data: Uint8Array): Promise<void> {
    await this.register(decodeRecords<UnmatchedFacts>(data));
  }

  /** Resolves when every record is stored, or set aside with its reason. Throws `TransientError`. */
  async register(records: EventRecord<UnmatchedFacts>[]): Promise<void> {
    const rows: EventRow[] = [];
    for (const record of records) {
      try {
        rows.push(eventRow(record.facts, record.payload));
      } catch (error) {
        if (!(error instanceof ClaimRequestError)) throw error;
        await this.setAside(record, errorText(error));
      }
    }
    if (rows.length === 0) return;
    for (const { id, reason } of await this.claims.register(rows)) {
      await this.setAside(
        records.find(({ facts }) => facts.id === id)!,
        reason,
      );
    }
  }

  private setAside(record: EventRecord<UnmatchedFacts>, reason: string): Promise<void> {
    return this.deadLetters.setAside(SUBJECTS.unmatched, encodeRecords([record]), reason);
  }
}
