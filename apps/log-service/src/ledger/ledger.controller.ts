import { Controller, Get, Query } from '@nestjs/common';
import type { Ledger } from '@kirisan/log-client';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LedgerDto } from './ledger.dto.js';
import { LedgerSchema } from './ledger.schema.js';
import { LedgerService } from './ledger.service.js';

@ApiTags('ledger')
@ApiBearerAuth()
@Controller('v1/ledger')
export class LedgerController {
  constructor(private readonly service: LedgerService) {}

  @Get()
  @ApiOperation({
    summary: 'Whether every match of a span is in exactly one state, and every exception by id',
  })
  @ApiOkResponse({ type: LedgerSchema })
  read(@Query() query: LedgerDto): Promise<Ledger> {
    return this.service.ledger(query);
  }
}
