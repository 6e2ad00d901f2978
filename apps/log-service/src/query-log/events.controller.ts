import { Controller, Get, Param, Query } from '@nestjs/common';
import type { EventDetail, EventSummary, Page } from '@kirisan/log-client';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EventDetailSchema, EventPageSchema } from './event.schema.js';
import { EventsQueryService } from './events-query.service.js';
import { IdDto } from './id.dto.js';
import { ListEventsDto } from './list-events.dto.js';

@ApiTags('events')
@ApiBearerAuth()
@Controller('v1/events')
export class EventsController {
  constructor(private readonly service: EventsQueryService) {}

  @Get()
  @ApiOperation({ summary: 'Accepted events, newest first; test events only when asked for' })
  @ApiOkResponse({ type: EventPageSchema })
  list(@Query() query: ListEventsDto): Promise<Page<EventSummary>> {
    return this.service.list(query);
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One event with its payload and what became of each match, or the reason for none',
  })
  @ApiOkResponse({ type: EventDetailSchema })
  get(@Param() { id }: IdDto): Promise<EventDetail> {
    return this.service.get(id);
  }
}
