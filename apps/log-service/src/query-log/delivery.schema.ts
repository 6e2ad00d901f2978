import type { DeliveryTimings } from '@kirisan/contracts';
import type { DeliveryDetail, DeliverySummary, Page } from '@kirisan/log-client';
import { ApiProperty } from '@nestjs/swagger';

const TIME = { type: String, format: 'date-time' } as const;
const UUID = { type: String, format: 'uuid' } as const;
const NULLABLE = { nullable: true } as const;

class ErrorSchema {
  @ApiProperty() code: string;
  @ApiProperty() message: string;
}

/** A delivery in the OpenAPI document; the client's types are its source. */
export class DeliverySummarySchema implements DeliverySummary {
  @ApiProperty(UUID) id: string;
  @ApiProperty(UUID) matchId: string;
  @ApiProperty(UUID) eventId: string;
  @ApiProperty(UUID) endpointId: string;
  @ApiProperty() endpointName: string;
  @ApiProperty() url: string;
  @ApiProperty() event: string;
  @ApiProperty() channel: string;
  @ApiProperty({ description: 'Device token' }) device: string;
  @ApiProperty({ ...UUID, ...NULLABLE }) deviceId: string | null;
  @ApiProperty({ type: String, ...NULLABLE }) deviceNumber: string | null;
  @ApiProperty({ type: String, ...NULLABLE }) sender: string | null;
  @ApiProperty() production: boolean;
  @ApiProperty({ enum: ['success', 'failed', 'open'] }) status: DeliverySummary['status'];
  @ApiProperty({ enum: ['not_sent', 'sent_no_answer', 'answered'], ...NULLABLE })
  verdict: DeliverySummary['verdict'];
  @ApiProperty({ type: String, ...NULLABLE }) reason: string | null;
  @ApiProperty({ type: Number, ...NULLABLE }) httpStatus: number | null;
  @ApiProperty({ type: Number, ...NULLABLE }) durationMs: number | null;
  @ApiProperty({ type: ErrorSchema, ...NULLABLE }) error: ErrorSchema | null;
  @ApiProperty({ ...TIME, description: 'When it was claimed' }) createdAt: string;
  @ApiProperty({ ...TIME, ...NULLABLE }) startedAt: string | null;
  @ApiProperty({ ...TIME, ...NULLABLE }) finishedAt: string | null;
  @ApiProperty({
    ...TIME,
    ...NULLABLE,
    description: 'Its real outcome came after it was closed as interrupted',
  })
  correctedAt: string | null;
  @ApiProperty({ ...UUID, ...NULLABLE }) resendOf: string | null;
}

export class DeliveryPageSchema implements Page<DeliverySummary> {
  @ApiProperty({ type: [DeliverySummarySchema] }) items: DeliverySummarySchema[];
  @ApiProperty({ type: String, ...NULLABLE, description: 'Null at the end' }) nextCursor: string | null;
}

class RequestSchema {
  @ApiProperty({ enum: ['POST'] }) method: 'POST';
  @ApiProperty() url: string;
  @ApiProperty({ type: Object, description: 'The secret is masked' }) headers: Record<string, string>;
  @ApiProperty({ type: String, ...NULLABLE, description: 'Null when its event has left the log' }) body:
    string | null;
}

class ResponseSchema {
  @ApiProperty() status: number;
  @ApiProperty({ type: Object }) headers: Record<string, string | string[]>;
  @ApiProperty({ type: String, ...NULLABLE }) body: string | null;
  @ApiProperty() truncated: boolean;
}

class TimingsSchema implements DeliveryTimings {
  @ApiProperty({ required: false }) lookupMs?: number;
  @ApiProperty({ required: false }) connectMs?: number;
  @ApiProperty({ required: false }) tlsMs?: number;
  @ApiProperty({ required: false }) firstByteMs?: number;
}

export class DeliveryDetailSchema extends DeliverySummarySchema implements DeliveryDetail {
  @ApiProperty() request: RequestSchema;
  @ApiProperty({ type: ResponseSchema, ...NULLABLE }) response: ResponseSchema | null;
  @ApiProperty() timings: TimingsSchema;
}
