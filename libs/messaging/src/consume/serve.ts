import { type ArgumentsHost, Catch, type RpcExceptionFilter } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
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
  app.connectMicroservice({ strategy }).useGlobalFilters(new RethrowFilter());
}
