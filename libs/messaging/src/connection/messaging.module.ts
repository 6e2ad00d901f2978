import { Global, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Health, ServiceConfig } from '@kirisan/service';
import { connectNats } from './connect.js';
import { Messaging } from './messaging.js';

/** Closes the connection last: whatever else closes may still want to publish. */
@Injectable()
class MessagingLifecycle implements OnApplicationShutdown {
  constructor(
    @Inject(Messaging) private readonly messaging: Messaging,
    health: Health,
  ) {
    health.register('nats', () => messaging.connected || 'not connected');
  }

  onApplicationShutdown(): Promise<void> {
    return this.messaging.close();
  }
}

/** Provides {@link Messaging} to the whole service; starting waits until NATS is there. */
@Global()
@Module({
  providers: [
    {
      provide: Messaging,
      useFactory: async (config: ServiceConfig) => new Messaging(await connectNats(config)),
      inject: [ServiceConfig],
    },
    MessagingLifecycle,
  ],
  exports: [Messaging],
})
export class MessagingModule {}
