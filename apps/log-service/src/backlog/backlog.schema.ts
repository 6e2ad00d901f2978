import type { Backlog, EndpointBacklog } from '@kirisan/log-client';
import { ApiProperty } from '@nestjs/swagger';

class EndpointBacklogSchema implements EndpointBacklog {
  @ApiProperty({ format: 'uuid' }) endpointId: string;
  @ApiProperty({ description: 'Parked matches' }) count: number;
  @ApiProperty({ type: Number, nullable: true, description: 'Null when the oldest has just left' })
  oldestAgeMs: number | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Deliveries under way; null when no worker speaks of it',
  })
  inFlight: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Slots now in force, over the same workers' })
  cap: number | null;
}

/** The backlog in the OpenAPI document; the client's types are its source. */
export class BacklogSchema implements Backlog {
  @ApiProperty({ description: 'Parked matches of all endpoints' }) total: number;
  @ApiProperty({ description: 'Endpoints that have any' }) endpoints: number;
  @ApiProperty({ type: [EndpointBacklogSchema], description: 'Those with most parked matches first' })
  items: EndpointBacklogSchema[];
}
