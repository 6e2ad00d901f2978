import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ENDPOINT_STATUSES,
  type EndpointStatus,
  EVENT_TYPES,
  LEGACY_SUBMISSION_EVENT,
  MAX_SECRET_LENGTH,
} from '@kirisan/contracts';
import { MAX_URL_LENGTH } from '@kirisan/outbound';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsUUID,
  Matches,
  ValidateIf,
} from 'class-validator';
import { PageQuery } from '../http/paging.js';
import { IsPlainText } from '../http/plain-text.js';

const NAME_LENGTH = 120;
const MAX_DEVICES = 1_000;
const EVENT_NAMES = [...EVENT_TYPES, LEGACY_SUBMISSION_EVENT];
const STATUSES = ['active', 'paused'] as const;
const EVENT_NAME = `must be one of ${EVENT_NAMES.join(', ')}`;
const DEVICE_ID = 'must hold ids of devices (UUIDs)';
const SECRET = `At most ${MAX_SECRET_LENGTH} characters that may stand in an HTTP header`;

export class CreateEndpointDto {
  @ApiProperty({ maxLength: NAME_LENGTH })
  @IsPlainText({ max: NAME_LENGTH })
  name: string;

  @ApiProperty({ maxLength: MAX_URL_LENGTH, example: 'https://crm.example.com/hooks/kirisan' })
  @IsPlainText({ max: MAX_URL_LENGTH })
  url: string;

  @ApiPropertyOptional({ maxLength: MAX_SECRET_LENGTH, writeOnly: true, description: SECRET })
  @IsOptional()
  @IsPlainText({ max: MAX_SECRET_LENGTH, blank: true })
  secret?: string | null;

  @ApiProperty({ enum: EVENT_NAMES, isArray: true, minItems: 1 })
  @IsArray({ message: 'must be a list' })
  @ArrayMinSize(1, { message: 'must hold at least one event' })
  @ArrayMaxSize(EVENT_NAMES.length * 2, { message: 'holds too many' })
  @IsIn(EVENT_NAMES, { each: true, message: EVENT_NAME })
  events: string[];

  @ApiProperty({ type: [String], format: 'uuid', minItems: 1, maxItems: MAX_DEVICES })
  @IsArray({ message: 'must be a list' })
  @ArrayMinSize(1, { message: 'must hold at least one device' })
  @ArrayMaxSize(MAX_DEVICES, { message: `must hold at most ${MAX_DEVICES} devices` })
  @IsUUID(undefined, { each: true, message: DEVICE_ID })
  deviceIds: string[];
}

export class UpdateEndpointDto {
  @ApiPropertyOptional({ maxLength: NAME_LENGTH })
  @ValidateIf((dto: UpdateEndpointDto) => dto.name !== undefined)
  @IsPlainText({ max: NAME_LENGTH })
  name?: string;

  @ApiPropertyOptional({ maxLength: MAX_URL_LENGTH, description: 'Another URL has to be tested again' })
  @ValidateIf((dto: UpdateEndpointDto) => dto.url !== undefined)
  @IsPlainText({ max: MAX_URL_LENGTH })
  url?: string;

  @ApiPropertyOptional({
    maxLength: MAX_SECRET_LENGTH,
    writeOnly: true,
    nullable: true,
    type: String,
    description: `${SECRET}; absent or blank keeps it, null removes it`,
  })
  @IsOptional()
  @IsPlainText({ max: MAX_SECRET_LENGTH, blank: true })
  secret?: string | null;

  @ApiPropertyOptional({ enum: EVENT_NAMES, isArray: true, minItems: 1 })
  @ValidateIf((dto: UpdateEndpointDto) => dto.events !== undefined)
  @IsArray({ message: 'must be a list' })
  @ArrayMinSize(1, { message: 'must hold at least one event' })
  @ArrayMaxSize(EVENT_NAMES.length * 2, { message: 'holds too many' })
  @IsIn(EVENT_NAMES, { each: true, message: EVENT_NAME })
  events?: string[];

  @ApiPropertyOptional({ type: [String], format: 'uuid', minItems: 1, maxItems: MAX_DEVICES })
  @ValidateIf((dto: UpdateEndpointDto) => dto.deviceIds !== undefined)
  @IsArray({ message: 'must be a list' })
  @ArrayMinSize(1, { message: 'must hold at least one device' })
  @ArrayMaxSize(MAX_DEVICES, { message: `must hold at most ${MAX_DEVICES} devices` })
  @IsUUID(undefined, { each: true, message: DEVICE_ID })
  deviceIds?: string[];

  @ApiPropertyOptional({ enum: STATUSES, description: '`paused` pauses; `active` resumes what was paused' })
  @ValidateIf((dto: UpdateEndpointDto) => dto.status !== undefined)
  @IsIn(STATUSES, { message: 'must be active or paused; a successful test ends pending_test' })
  status?: 'active' | 'paused';
}

export class EndpointQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ENDPOINT_STATUSES })
  @IsOptional()
  @IsIn(ENDPOINT_STATUSES, { message: `must be one of ${ENDPOINT_STATUSES.join(', ')}` })
  status?: EndpointStatus;

  @ApiPropertyOptional({ description: 'Linked to a device of this channel' })
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,32}$/, { message: 'is not the name of a channel' })
  channel?: string;

  @ApiPropertyOptional({ enum: EVENT_TYPES })
  @IsOptional()
  @IsIn(EVENT_TYPES, { message: `must be one of ${EVENT_TYPES.join(', ')}` })
  event?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Linked to this device' })
  @IsOptional()
  @IsUUID(undefined, { message: 'must be a UUID' })
  deviceId?: string;
}

export class EndpointView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty()
  url: string;
  @ApiProperty({ description: 'Whether there is a signing secret; it is never shown' })
  hasSecret: boolean;
  @ApiProperty({ enum: EVENT_NAMES, isArray: true })
  events: string[];
  @ApiProperty({ type: [String], format: 'uuid' })
  deviceIds: string[];
  @ApiProperty({ enum: ENDPOINT_STATUSES })
  status: EndpointStatus;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class EndpointPage {
  @ApiProperty({ type: [EndpointView] })
  items: EndpointView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
