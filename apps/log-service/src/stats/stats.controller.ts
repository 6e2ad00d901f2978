import { Controller, Get, Query } from '@nestjs/common';
import type { Stats } from '@kirisan/log-client';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatsDto } from './stats.dto.js';
import { StatsSchema } from './stats.schema.js';
import { StatsService } from './stats.service.js';

@ApiTags('stats')
@ApiBearerAuth()
@Controller('v1/stats')
export class StatsController {
  constructor(private readonly service: StatsService) {}

  @Get()
  @ApiOperation({ summary: 'Counts and latency percentiles of live deliveries by time bucket' })
  @ApiOkResponse({ type: StatsSchema })
  read(@Query() query: StatsDto): Promise<Stats> {
    return this.service.stats(query);
  }
}
