import { CONSUMERS } from '@kirisan/contracts';
import { serveNats } from '@kirisan/messaging';
import { runService } from '@kirisan/service';
import { RouterConfig } from './router.config.js';
import { RouterModule } from './router.module.js';

await runService({
  name: 'router',
  config: RouterConfig,
  module: () => RouterModule,
  prepare: (app, config) =>
    serveNats(app, {
      service: 'router',
      consumers: [{ spec: CONSUMERS.router, concurrency: config.maxMessagesInHand }],
    }),
});
