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
import { CreateDeviceDto, DevicePage, DeviceQuery, DeviceView, UpdateDeviceDto } from './device.dto.js';
import { DevicesService } from './devices.service.js';

@ApiTags('devices')
@ApiBearerAuth()
@Controller('v1/devices')
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Get()
  @ApiOperation({ summary: 'Devices, newest first; `search` looks at name, number and token' })
  @ApiOkResponse({ type: DevicePage })
  list(@Query() query: DeviceQuery): Promise<DevicePage> {
    return this.devices.list(query);
  }

  @Post()
  @ApiOperation({
    summary: 'Connect a line, bot or number; 409 names the device that has these credentials already',
  })
  @ApiCreatedResponse({ type: DeviceView })
  create(@Body() body: CreateDeviceDto): Promise<DeviceView> {
    return this.devices.create(body);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One device' })
  @ApiOkResponse({ type: DeviceView })
  get(@Param('id', IdPipe) id: string): Promise<DeviceView> {
    return this.devices.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change what is given; the channel of a device stays' })
  @ApiOkResponse({ type: DeviceView })
  update(@Param('id', IdPipe) id: string, @Body() body: UpdateDeviceDto): Promise<DeviceView> {
    return this.devices.update(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Disconnect it and unlink it from its endpoints' })
  @ApiNoContentResponse()
  remove(@Param('id', IdPipe) id: string): Promise<void> {
    return this.devices.remove(id);
  }
}
