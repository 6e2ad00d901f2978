import type { EventDetail, EventMatch, EventSummary, Page } from '@kirisan/log-client';
import { ApiProperty } from '@nestjs/swagger';
import { DeliverySummarySchema } from './delivery.schema.js';

const TIME = { type: String, format: 'date-time' } as const;
const UUID = { type: String, format: 'uuid' } as const;
const NULLABLE = { nullable: true } as const;

/** An event in the OpenAPI document; the client's types are its source. */
export class EventSummarySchema implements EventSummary {
  @ApiProperty(UUID) id: string;
  @ApiProperty() event: string;
  @ApiProperty() channel: string;
  @ApiProperty({ description: 'Device token' }) device: string;
  @ApiProperty({ ...UUID, ...NULLABLE }) deviceId: string | null;
  @ApiProperty({ type: String, ...NULLABLE }) deviceNumber: string | null;
  @ApiProperty({ type: String, ...NULLABLE }) sender: string | null;
  @ApiProperty() production: boolean;
  @ApiProperty() matchCount: number;
  @ApiProperty({ type: String, ...NULLABLE, description: 'Why there is no match' }) reason: string | null;
  @ApiProperty({ type: Number, ...NULLABLE }) tooLargeBytes: number | null;
  @ApiProperty(TIME) acceptedAt: string;
  @ApiProperty(TIME) createdAt: string;
}

export class EventPageSchema implements Page<EventSummary> {
  @ApiProperty({ type: [EventSummarySchema] }) items: EventSummarySchema[];
  @ApiProperty({ type: String, ...NULLABLE, description: 'Null at the end' }) nextCursor: string | null;
}

class EventMatchSchema implements EventMatch {
  @ApiProperty(UUID) matchId: string;
  @ApiProperty(UUID) endpointId: string;
  @ApiProperty({ enum: ['waiting', 'open', 'final', 'gone'] }) state: EventMatch['state'];
  @ApiProperty({ type: [DeliverySummarySchema] }) deliveries: DeliverySummarySchema[];
}

export class EventDetailSchema extends EventSummarySchema implements EventDetail {
  @ApiProperty({ description: 'The exact JSON text' }) payload: string;
  @ApiProperty({ type: [EventMatchSchema] }) matches: EventMatchSchema[];
}
