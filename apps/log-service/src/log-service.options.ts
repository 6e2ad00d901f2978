import { CONSUMERS } from '@kirisan/contracts';
import { serveNats } from '@kirisan/messaging';
import type { ServiceOptions } from '@kirisan/service';
import { ApiDocument, describeApi } from './api-document.js';
import { LogServiceConfig } from './log-service.config.js';
import { LogServiceModule } from './log-service.module.js';

/** What the process is made of; tests start the same. */
export const LOG_SERVICE: ServiceOptions<LogServiceConfig> = {
  name: 'log-service',
  config: LogServiceConfig,
  module: () => LogServiceModule,
  prepare: (app, { outcomeMessagesInHand }) => {
    app.get(ApiDocument).document = describeApi(app);
    serveNats(app, {
      service: 'log-service',
      consumers: [{ spec: CONSUMERS.logService, concurrency: outcomeMessagesInHand }],
    });
  },
};
