import {
  type Ledger,
  LEDGER_EXCEPTIONS,
  type LedgerException,
  type LedgerExceptionItem,
  type LedgerExceptionKind,
  type LedgerMatches,
  type LedgerOutcome,
} from '@kirisan/log-client';
import { ApiProperty } from '@nestjs/swagger';

const TIME = { type: String, format: 'date-time' } as const;
const UUID = { type: String, format: 'uuid' } as const;

class LedgerEventsSchema {
  @ApiProperty() registered: number;
  @ApiProperty() matched: number;
  @ApiProperty() unmatched: number;
}

class LedgerMatchesSchema implements LedgerMatches {
  @ApiProperty() total: number;
  @ApiProperty({ description: 'Not claimed: in a stream, on its way' }) waiting: number;
  @ApiProperty({ description: 'Not claimed: waits for a slot of its endpoint' }) parked: number;
  @ApiProperty({ description: 'Claimed, no outcome yet' }) open: number;
  @ApiProperty({ description: 'Has its final row' }) final: number;
  @ApiProperty({ description: 'Has its final row, but waited for too long to be sent' }) expired: number;
  @ApiProperty({ description: 'In none of these states' }) unaccounted: number;
  @ApiProperty({ description: 'Counted from the claims, for comparison' }) claimed: number;
}

class LedgerOutcomeSchema implements LedgerOutcome {
  @ApiProperty() status: string;
  @ApiProperty() verdict: string;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty() count: number;
}

class LedgerExceptionItemSchema implements LedgerExceptionItem {
  @ApiProperty({ ...UUID, description: 'Match or delivery id' }) id: string;
  @ApiProperty({ ...UUID, nullable: true }) eventId: string | null;
  @ApiProperty({ ...UUID, nullable: true }) endpointId: string | null;
  @ApiProperty({ ...TIME, description: 'When it was registered or claimed' }) at: string;
  @ApiProperty({ required: false, description: 'Where a match without a claim was set aside' })
  deadLetterId?: string;
}

class LedgerExceptionSchema implements LedgerException {
  @ApiProperty({ enum: LEDGER_EXCEPTIONS }) kind: LedgerExceptionKind;
  @ApiProperty({ description: 'One of these is enough for the ledger not to balance' })
  breaksBalance: boolean;
  @ApiProperty() total: number;
  @ApiProperty({ type: [LedgerExceptionItemSchema], description: 'The oldest, at most 100' })
  items: LedgerExceptionItemSchema[];
}

/** The ledger in the OpenAPI document; the client's types are its source. */
export class LedgerSchema implements Ledger {
  @ApiProperty(TIME) from: string;
  @ApiProperty(TIME) to: string;
  @ApiProperty() balanced: boolean;
  @ApiProperty({ description: 'False if more matches wait than are looked up one by one' }) exact: boolean;
  @ApiProperty() events: LedgerEventsSchema;
  @ApiProperty() matches: LedgerMatchesSchema;
  @ApiProperty({ type: [LedgerOutcomeSchema] }) outcomes: LedgerOutcomeSchema[];
  @ApiProperty({ type: [LedgerExceptionSchema] }) exceptions: LedgerExceptionSchema[];
}
