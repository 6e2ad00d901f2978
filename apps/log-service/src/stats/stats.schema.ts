import type { Stats, StatsRow } from '@kirisan/log-client';
import { ApiProperty } from '@nestjs/swagger';

const TIME = { type: String, format: 'date-time' } as const;

class StatsRowSchema implements StatsRow {
  @ApiProperty({ ...TIME, description: 'Start of the bucket, UTC' }) bucket: string;
  @ApiProperty({ type: String, nullable: true, description: 'Endpoint id, event or status' }) group:
    string | null;
  @ApiProperty() count: number;
  @ApiProperty() success: number;
  @ApiProperty() failed: number;
  @ApiProperty({ description: 'Milliseconds' }) p50: number;
  @ApiProperty({ description: 'Milliseconds' }) p95: number;
  @ApiProperty({ description: 'Milliseconds' }) p99: number;
}

/** Statistics in the OpenAPI document; the client's types are its source. */
export class StatsSchema implements Stats {
  @ApiProperty(TIME) from: string;
  @ApiProperty(TIME) to: string;
  @ApiProperty({ type: [StatsRowSchema] }) rows: StatsRowSchema[];
}
