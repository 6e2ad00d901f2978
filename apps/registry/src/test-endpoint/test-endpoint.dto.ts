import { ApiProperty } from '@nestjs/swagger';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  EVENT_TYPES,
  LEGACY_SUBMISSION_EVENT,
  type Verdict,
  VERDICTS,
} from '@kirisan/contracts';
import { IsIn, IsUUID } from 'class-validator';

const EVENT_NAMES = [...EVENT_TYPES, LEGACY_SUBMISSION_EVENT];

/** What is tested: as the body of a test and as the query of its preview. */
export class TestEndpointDto {
  @ApiProperty({ enum: EVENT_NAMES })
  @IsIn(EVENT_NAMES, { message: `must be one of ${EVENT_NAMES.join(', ')}` })
  event: string;

  @ApiProperty({ format: 'uuid' })
  @IsUUID(undefined, { message: 'must be the id of a device (UUID)' })
  deviceId: string;
}

export class TestErrorView {
  @ApiProperty()
  code: string;
  @ApiProperty()
  message: string;
}

export class TestResultView {
  @ApiProperty({ enum: DELIVERY_STATUSES })
  status: DeliveryStatus;
  @ApiProperty({ enum: VERDICTS, description: 'Did it leave?' })
  verdict: Verdict;
  @ApiProperty({ type: Number, nullable: true })
  httpStatus: number | null;
  @ApiProperty({ description: 'Milliseconds' })
  durationMs: number;
  @ApiProperty({ type: String, nullable: true })
  responseBody: string | null;
  @ApiProperty({ type: TestErrorView, nullable: true })
  error: TestErrorView | null;
  @ApiProperty({ format: 'uuid', description: 'Its row in the log' })
  deliveryId: string;
}
