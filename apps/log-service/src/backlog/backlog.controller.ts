import { Controller, Get, Query } from '@nestjs/common';
import type { Backlog } from '@kirisan/log-client';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BacklogDto } from './backlog.dto.js';
import { BacklogSchema } from './backlog.schema.js';
import { BacklogService } from './backlog.service.js';

@ApiTags('backlog')
@ApiBearerAuth()
@Controller('v1/backlog')
export class BacklogController {
  constructor(private readonly service: BacklogService) {}

  @Get()
  @ApiOperation({ summary: 'Matches that wait, unclaimed, for a slot of their endpoint' })
  @ApiOkResponse({ type: BacklogSchema })
  read(@Query() query: BacklogDto): Promise<Backlog> {
    return this.service.backlog(query);
  }
}
