import { type ArgumentsHost, Catch, type RpcExceptionFilter } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NestMicroservice } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { Messaging } from '../connection/messaging.js';
import { NatsServer, type NatsServerOptions } from './nats.server.js';

/** Hands errors on as they are: their class decides what becomes of the message. */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

/** Connects the service's `@EventPattern` and `@MessagePattern` handlers to NATS; they start when the service listens. */
export function serveNats(app: NestFastifyApplication, options: Omit<NatsServerOptions, 'messaging'>): void {
  const strategy = new NatsServer({ ...options, messaging: app.get(Messaging) });
  // Nest takes no filter once the microservice is initialized, and would then call the app's own hooks a second time.
  const microservice = app.connectMicroservice({ strategy }, { deferInitialization: true });
  microservice.useGlobalFilters(new RethrowFilter());
  (microservice as unknown as NestMicroservice).setIsInitHookCalled(true);
}
