import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Metrics } from '@kirisan/service';
import { IngestorConfig } from '../ingestor.config.js';

/** Counts every answer and logs those that are not 200; the URL stays out of the log, since it holds the key. */
export function logRequests(app: NestFastifyApplication): void {
  const logger = new Logger('webhooks');
  const requests = app.get(Metrics).counter('ingest_requests_total', 'Answers to providers', ['status']);
  const verbose = ['debug', 'trace'].includes(app.get(IngestorConfig).logLevel);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onResponse', async (request, reply) => {
    if (!request.url.startsWith('/webhooks/')) return;
    const status = reply.raw.statusCode;
    requests.inc({ status: String(status) });
    if (status === 200 && !verbose) return;
    const facts = {
      requestId: request.id,
      method: request.method,
      status,
      durationMs: Math.round(reply.elapsedTime),
    };
    if (status === 200) logger.debug(facts, 'received');
    else logger.warn({ ...facts, from: request.ip }, 'not received');
  });
}
