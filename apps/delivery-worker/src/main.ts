import { CONSUMERS } from '@kirisan/contracts';
import { serveNats } from '@kirisan/messaging';
import { runService } from '@kirisan/service';
import { DeliveryWorkerConfig } from './delivery-worker.config.js';
import { DeliveryWorkerModule } from './delivery-worker.module.js';

await runService({
  name: 'delivery-worker',
  config: DeliveryWorkerConfig,
  module: () => DeliveryWorkerModule,
  prepare: (app, config) =>
    serveNats(app, {
      service: 'delivery-worker',
      consumers: [{ spec: CONSUMERS.deliveryWorker, concurrency: config.maxMessagesInHand }],
    }),
});
