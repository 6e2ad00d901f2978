import { HttpException, MethodNotAllowedException, NotFoundException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Channel } from '../channel.js';
import { DeviceIndex } from '../devices/device-index.js';
import { IngestorConfig } from '../ingestor.config.js';
import { RequestGate } from './request-gate.js';
import { webhookPath } from './webhook-path.js';

/** Characters of the URL of a provider's request, query included; longer ones are answered 414. */
const MAX_URL_LENGTH = 2_048;
/** Body of a provider's request, where its channel says no other figure; larger ones are answered 413. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Set before Nest's routes exist: bodies arrive as they came, and nobody's body is read before he may send one. */
export function prepareEdge(app: NestFastifyApplication, channel: Channel<unknown>): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  const bodyLimit = channel.intake?.maxBodyBytes ?? MAX_BODY_BYTES;
  app.useBodyParser(
    '*',
    { bodyLimit },
    (_request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
  );
  const admission = new Admission(
    channel,
    app.get(DeviceIndex),
    app.get(RequestGate),
    app.get(IngestorConfig),
  );
  fastify.addHook('onRequest', async (request, reply) => admission.admit(request, reply));
}

class Admission {
  private readonly prefix: string;

  constructor(
    private readonly channel: Channel<unknown>,
    private readonly devices: DeviceIndex,
    private readonly gate: RequestGate,
    private readonly config: IngestorConfig,
  ) {
    this.prefix = `${webhookPath(channel.descriptor.name)}/`;
  }

  /** Throws the answer of a request whose body is not worth reading. */
  admit(request: FastifyRequest, reply: FastifyReply): void {
    if (request.url.length > MAX_URL_LENGTH) throw new HttpException('the URL is too long', 414);
    if (!request.url.startsWith(this.prefix)) return refuseBody(request);
    this.gate.enter();
    reply.raw.once('close', () => this.gate.leave());
    const { key = '' } = request.params as { key?: string };
    this.gate.count(request.ip, key);
    if (this.devices.devicesOf(key).length === 0)
      throw new NotFoundException('no device has this ingest URL');
    this.checkMethod(request, reply);
    this.limitTime(request, reply);
  }

  private checkMethod({ method }: FastifyRequest, reply: FastifyReply): void {
    if (method === 'POST' || (method === 'GET' && this.channel.handshake)) return;
    void reply.header('Allow', this.channel.handshake ? 'GET, POST' : 'POST');
    throw new MethodNotAllowedException(`${method} is not what this provider sends`);
  }

  /** A body that drips in would hold its place for as long as its sender likes. */
  private limitTime(request: FastifyRequest, reply: FastifyReply): void {
    if (request.method !== 'POST') return;
    const timer = setTimeout(() => refuseSlow(request, reply), this.config.bodyTimeoutMs);
    const done = () => clearTimeout(timer);
    request.raw.once('end', done);
    reply.raw.once('close', done);
  }
}

/** Health and metrics are asked for without one, and nothing else is here. */
function refuseBody({ method }: FastifyRequest): void {
  if (method !== 'GET' && method !== 'HEAD')
    throw new NotFoundException('there is nothing to be sent to here');
}

function refuseSlow(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  const body = { code: 'request_timeout', message: 'the body took too long', requestId: request.id };
  reply.raw.writeHead(408, { 'Content-Type': 'application/json', Connection: 'close' });
  reply.raw.end(JSON.stringify(body), () => request.raw.destroy());
}
