import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { DeadLetter, DeadLetterPage, Requeued } from '@kirisan/log-client';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { DeadLetterPageSchema, DeadLetterSchema, RequeuedSchema } from './dead-letter.schema.js';
import { DeadLetterIdDto, DeadLettersDto } from './dead-letters.dto.js';
import { DeadLettersService } from './dead-letters.service.js';

@ApiTags('dead letters')
@ApiBearerAuth()
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly service: DeadLettersService) {}

  @Get()
  @ApiOperation({ summary: 'Messages that could not be processed, oldest first' })
  @ApiOkResponse({ type: DeadLetterPageSchema })
  list(@Query() query: DeadLettersDto): Promise<DeadLetterPage> {
    return this.service.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One of them, with more of its data' })
  @ApiOkResponse({ type: DeadLetterSchema })
  @ApiNotFoundResponse()
  get(@Param() { id }: DeadLetterIdDto): Promise<DeadLetter> {
    return this.service.get(id);
  }

  @Post(':id/requeue')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends it to its subject again, unchanged, and removes it here' })
  @ApiOkResponse({ type: RequeuedSchema })
  @ApiNotFoundResponse()
  @ApiConflictResponse({ description: 'Its subject is not one that can be sent to again' })
  requeue(@Param() { id }: DeadLetterIdDto): Promise<Requeued> {
    return this.service.requeue(id);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes it for good: what it holds will not be processed' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse()
  remove(@Param() { id }: DeadLetterIdDto): Promise<void> {
    return this.service.remove(id);
  }
}
