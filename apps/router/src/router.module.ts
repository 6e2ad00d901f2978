import { Module } from '@nestjs/common';
import { CONSUMERS } from '@kirisan/contracts';
import { DirectoryModule } from '@kirisan/directory';
import { MessagingModule, serveNats } from '@kirisan/messaging';
import type { ServiceOptions } from '@kirisan/service';
import { ActivationClient } from './route-events/activation.client.js';
import { ChannelTraits } from './route-events/channel-traits.js';
import { RouteEventsHandler } from './route-events/route-events.handler.js';
import { RouteEventsService } from './route-events/route-events.service.js';
import { RoutedPublisher } from './route-events/routed.publisher.js';
import { RouterMetrics } from './route-events/router-metrics.js';
import { RouterConfig } from './router.config.js';

@Module({
  imports: [MessagingModule, DirectoryModule],
  controllers: [RouteEventsHandler],
  providers: [RouteEventsService, RoutedPublisher, ActivationClient, ChannelTraits, RouterMetrics],
})
class RouterModule {}

/** The router as it runs, also for tests of the real thing. */
export const routerService: ServiceOptions<RouterConfig> = {
  name: 'router',
  config: RouterConfig,
  module: () => RouterModule,
  prepare: (app, config) =>
    serveNats(app, {
      service: 'router',
      consumers: [{ spec: CONSUMERS.router, concurrency: config.maxMessagesInHand }],
    }),
};
