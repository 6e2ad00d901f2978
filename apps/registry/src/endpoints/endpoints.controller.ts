import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { IdPipe } from '../http/id.pipe.js';
import {
  CreateEndpointDto,
  EndpointPage,
  EndpointQuery,
  EndpointView,
  UpdateEndpointDto,
} from './endpoint.dto.js';
import { EndpointsService } from './endpoints.service.js';

@ApiTags('endpoints')
@ApiBearerAuth()
@Controller('v1/endpoints')
export class EndpointsController {
  constructor(private readonly endpoints: EndpointsService) {}

  @Get()
  @ApiOperation({ summary: 'Endpoints, newest first; `search` looks at name and URL' })
  @ApiOkResponse({ type: EndpointPage })
  list(@Query() query: EndpointQuery): Promise<EndpointPage> {
    return this.endpoints.list(query);
  }

  @Post()
  @ApiOperation({ summary: 'A new endpoint gets no live traffic before a test succeeded' })
  @ApiCreatedResponse({ type: EndpointView })
  create(@Body() body: CreateEndpointDto): Promise<EndpointView> {
    return this.endpoints.create(body);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One endpoint' })
  @ApiOkResponse({ type: EndpointView })
  get(@Param('id', IdPipe) id: string): Promise<EndpointView> {
    return this.endpoints.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change what is given' })
  @ApiOkResponse({ type: EndpointView })
  update(@Param('id', IdPipe) id: string, @Body() body: UpdateEndpointDto): Promise<EndpointView> {
    return this.endpoints.update(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove it; its log rows stay' })
  @ApiNoContentResponse()
  remove(@Param('id', IdPipe) id: string): Promise<void> {
    return this.endpoints.remove(id);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop live traffic until it is resumed' })
  @ApiOkResponse({ type: EndpointView })
  pause(@Param('id', IdPipe) id: string): Promise<EndpointView> {
    return this.endpoints.pause(id);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Active again, or Pending test if its URL was never tested' })
  @ApiOkResponse({ type: EndpointView })
  resume(@Param('id', IdPipe) id: string): Promise<EndpointView> {
    return this.endpoints.resume(id);
  }
}
