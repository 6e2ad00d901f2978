import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../http/id.pipe.js';
import { TestEndpointDto, TestResultView } from './test-endpoint.dto.js';
import { TestEndpointService } from './test-endpoint.service.js';

@ApiTags('test')
@ApiBearerAuth()
@Controller('v1/endpoints/:id')
export class TestEndpointController {
  constructor(private readonly tests: TestEndpointService) {}

  @Post('test')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make one test delivery; a success activates the endpoint. 503 when no worker answers',
  })
  @ApiOkResponse({ type: TestResultView })
  run(@Param('id', IdPipe) id: string, @Body() body: TestEndpointDto): Promise<TestResultView> {
    return this.tests.run(id, body);
  }

  @Get('sample')
  @Header('Content-Type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'The exact JSON that a test at this moment would send' })
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  sample(@Param('id', IdPipe) id: string, @Query() query: TestEndpointDto): Promise<string> {
    return this.tests.sample(id, query);
  }
}
