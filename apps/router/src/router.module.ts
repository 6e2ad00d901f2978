import { Module } from '@nestjs/common';
import { DirectoryModule } from '@kirisan/directory';
import { MessagingModule } from '@kirisan/messaging';
import { ActivationClient } from './route-events/activation.client.js';
import { ChannelIndex } from './route-events/channel-index.js';
import { RouteEventsHandler } from './route-events/route-events.handler.js';
import { RouteEventsService } from './route-events/route-events.service.js';
import { RoutedPublisher } from './route-events/routed.publisher.js';

@Module({
  imports: [MessagingModule, DirectoryModule],
  controllers: [RouteEventsHandler],
  providers: [ActivationClient, ChannelIndex, RouteEventsService, RoutedPublisher],
})
export class RouterModule {}
