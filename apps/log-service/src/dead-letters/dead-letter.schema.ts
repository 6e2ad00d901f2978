import type { DeadLetter, DeadLetterPage, Requeued } from '@kirisan/log-client';
import { ApiProperty } from '@nestjs/swagger';

export class DeadLetterSchema implements DeadLetter {
  @ApiProperty({ example: '12' }) id: string;
  @ApiProperty() reason: string;
  @ApiProperty({ description: 'Where it is sent again' }) subject: string;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'In the stream that it came from; null for a part of a message',
  })
  sequence: string | null;
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty({ description: 'Bytes' }) size: number;
  @ApiProperty({ description: 'How its data begin; control characters are written as \\u001b' })
  preview: string;
  @ApiProperty() truncated: boolean;
}

/** Dead letters in the OpenAPI document; the client's types are its source. */
export class DeadLetterPageSchema implements DeadLetterPage {
  @ApiProperty({ type: [DeadLetterSchema] }) items: DeadLetterSchema[];
  @ApiProperty({ type: String, nullable: true, description: 'Null at the end' }) nextCursor: string | null;
  @ApiProperty({ description: 'Dead letters in all' }) total: number;
}

export class RequeuedSchema implements Requeued {
  @ApiProperty() id: string;
  @ApiProperty() subject: string;
}
