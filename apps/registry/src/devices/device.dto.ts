import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { INBOUND_MODES, type InboundMode } from '@kirisan/contracts';
import { IsIn, IsObject, IsOptional, Matches, ValidateIf } from 'class-validator';
import { PageQuery } from '../http/paging.js';
import { IsPlainText } from '../http/plain-text.js';

const NAME_LENGTH = 120;
const NUMBER_LENGTH = 64;
const MODE = `must be one of ${INBOUND_MODES.join(', ')}`;

export class CreateDeviceDto {
  @ApiProperty({ example: 'telegram', maxLength: 32 })
  @IsPlainText({ max: 32 })
  channel: string;

  @ApiProperty({ maxLength: NAME_LENGTH })
  @IsPlainText({ max: NAME_LENGTH })
  name: string;

  @ApiPropertyOptional({ maxLength: NUMBER_LENGTH, description: 'Phone number or @username, for people' })
  @IsOptional()
  @IsPlainText({ max: NUMBER_LENGTH, blank: true })
  number?: string | null;

  @ApiPropertyOptional({ enum: INBOUND_MODES, default: 'webhook' })
  @ValidateIf((dto: CreateDeviceDto) => dto.inboundMode !== undefined)
  @IsIn(INBOUND_MODES, { message: MODE })
  inboundMode?: InboundMode;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: "The channel's fields",
  })
  @IsOptional()
  @IsObject({ message: 'must be an object' })
  credentials?: Record<string, unknown>;
}

export class UpdateDeviceDto {
  @ApiPropertyOptional({ maxLength: NAME_LENGTH })
  @ValidateIf((dto: UpdateDeviceDto) => dto.name !== undefined)
  @IsPlainText({ max: NAME_LENGTH })
  name?: string;

  @ApiPropertyOptional({
    maxLength: NUMBER_LENGTH,
    nullable: true,
    type: String,
    description: 'Null or blank removes it',
  })
  @IsOptional()
  @IsPlainText({ max: NUMBER_LENGTH, blank: true })
  number?: string | null;

  @ApiPropertyOptional({ enum: INBOUND_MODES })
  @ValidateIf((dto: UpdateDeviceDto) => dto.inboundMode !== undefined)
  @IsIn(INBOUND_MODES, { message: MODE })
  inboundMode?: InboundMode;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    description: 'Absent fields and blank secrets are kept, null removes an optional one',
  })
  @ValidateIf((dto: UpdateDeviceDto) => dto.credentials !== undefined)
  @IsObject({ message: 'must be an object' })
  credentials?: Record<string, unknown>;
}

export class DeviceQuery extends PageQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,32}$/, { message: 'is not the name of a channel' })
  channel?: string;

  @ApiPropertyOptional({ enum: INBOUND_MODES })
  @IsOptional()
  @IsIn(INBOUND_MODES, { message: MODE })
  inboundMode?: InboundMode;
}

export class DeviceHealthView {
  @ApiProperty({ enum: ['ok', 'error'] })
  state: 'ok' | 'error';
  @ApiPropertyOptional({ format: 'date-time' })
  lastSeenAt?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  lastErrorAt?: string;
  @ApiPropertyOptional()
  lastError?: string;
}

export class DeviceView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'Opaque; `device` of every payload' })
  token: string;
  @ApiProperty()
  channel: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: String, nullable: true })
  number: string | null;
  @ApiProperty({ enum: INBOUND_MODES })
  inboundMode: InboundMode;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Secrets are masked',
  })
  credentials: Record<string, string>;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Where the provider sends to; null until the channel runs',
  })
  ingestUrl: string | null;
  @ApiProperty({
    type: DeviceHealthView,
    nullable: true,
    description: 'Null until the channel has heard of it',
  })
  health: DeviceHealthView | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class DevicePage {
  @ApiProperty({ type: [DeviceView] })
  items: DeviceView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
