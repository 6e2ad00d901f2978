import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Messaging } from '@kirisan/messaging';
import { Health } from '@kirisan/service';
import { Directory } from './directory.js';

@Injectable()
class DirectoryLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Directory) private readonly directory: Directory,
    health: Health,
  ) {
    health.register('directory', () => directory.isCaughtUp || 'not caught up');
  }

  onModuleInit(): void {
    this.directory.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.directory.stop();
  }
}

/** Provides a live {@link Directory} and its readiness check. */
@Global()
@Module({
  providers: [
    {
      provide: Directory,
      useFactory: (messaging: Messaging) => new Directory(messaging),
      inject: [Messaging],
    },
    DirectoryLifecycle,
  ],
  exports: [Directory],
})
export class DirectoryModule {}
