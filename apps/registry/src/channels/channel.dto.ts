import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type ChannelDescriptor, EVENT_TYPES, type EventType } from '@kirisan/contracts';

export class CredentialFieldView {
  @ApiProperty({ description: 'Property name in `credentials` of a device' })
  name: string;
  @ApiProperty()
  label: string;
  @ApiPropertyOptional()
  help?: string;
  @ApiProperty()
  required: boolean;
  @ApiProperty({ description: 'Secret fields are masked in every answer' })
  secret: boolean;
  @ApiPropertyOptional({ description: 'Made by the server of this many random bytes when absent' })
  generatedBytes?: number;
  @ApiPropertyOptional({ description: 'Characters', default: 512 })
  maxLength?: number;
  @ApiPropertyOptional({ description: 'Regular expression that the whole value must match' })
  pattern?: string;
}

export class ChannelView {
  @ApiProperty({ example: 'telegram' })
  name: string;
  @ApiProperty()
  label: string;
  @ApiProperty({ enum: EVENT_TYPES, isArray: true })
  events: EventType[];
  @ApiProperty({ type: [CredentialFieldView] })
  credentials: CredentialFieldView[];
  @ApiProperty({ type: [String], description: 'What a person does at the provider, in order' })
  setupSteps: string[];
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'A realistic payload for each event',
  })
  samples: ChannelDescriptor['samples'];
}

export class ChannelPage {
  @ApiProperty({ type: [ChannelView] })
  items: ChannelView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}
