import { Controller, Get, Param, Query } from '@nestjs/common';
import type { DeliveryDetail, DeliverySummary, Page } from '@kirisan/log-client';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeliveriesQueryService } from './deliveries-query.service.js';
import { DeliveryDetailSchema, DeliveryPageSchema } from './delivery.schema.js';
import { IdDto } from './id.dto.js';
import { ListDeliveriesDto } from './list-deliveries.dto.js';

@ApiTags('deliveries')
@ApiBearerAuth()
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly service: DeliveriesQueryService) {}

  @Get()
  @ApiOperation({ summary: 'Final deliveries, newest first; paging is stable while new rows arrive' })
  @ApiOkResponse({ type: DeliveryPageSchema })
  list(@Query() query: ListDeliveriesDto): Promise<Page<DeliverySummary>> {
    return this.service.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One delivery with its request and response; also one that is still open' })
  @ApiOkResponse({ type: DeliveryDetailSchema })
  get(@Param() { id }: IdDto): Promise<DeliveryDetail> {
    return this.service.get(id);
  }
}
