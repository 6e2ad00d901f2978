import { DELIVERY_STATUSES, type DeliveryStatus, type Verdict, VERDICTS } from '@kirisan/contracts';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { ListDto, LIVE_OR_TEST, type LiveOrTest } from './list.dto.js';

/** Query of `GET /v1/deliveries`. */
export class ListDeliveriesDto extends ListDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be a UUID' })
  endpointId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be a UUID' })
  eventId?: string;

  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;

  @ApiPropertyOptional({ enum: VERDICTS, description: 'Did it leave?' })
  @IsOptional()
  @IsIn(VERDICTS)
  verdict?: Verdict;

  @ApiPropertyOptional({ enum: LIVE_OR_TEST, default: 'any', description: 'Live (true) or test (false)' })
  @IsOptional()
  @IsIn(LIVE_OR_TEST)
  production: LiveOrTest = 'any';
}
