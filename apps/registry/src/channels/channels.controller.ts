import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChannelCatalog } from './channel-catalog.js';
import { ChannelPage } from './channel.dto.js';

@ApiTags('channels')
@ApiBearerAuth()
@Controller('v1/channels')
export class ChannelsController {
  constructor(private readonly catalog: ChannelCatalog) {}

  @Get()
  @ApiOperation({ summary: 'The channels that have announced themselves' })
  @ApiOkResponse({ type: ChannelPage })
  list(): ChannelPage {
    return { items: this.catalog.all(), nextCursor: null };
  }
}
