import { Buffer } from 'node:buffer';
import {
  All,
  BadRequestException,
  Controller,
  HttpException,
  Inject,
  Req,
  Res,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { Public } from '@kirisan/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Channel, ProviderRequest } from '../channel.js';
import { DeviceIndex } from '../devices/device-index.js';
import { MalformedRequestError, UnprovenRequestError, UnsupportedMediaError } from '../errors.js';
import { createProviderRequest } from '../provider-request.js';
import { CHANNEL } from '../tokens.js';
import { IngestService } from './ingest.service.js';

const NO_BODY = Buffer.alloc(0);

/** Where providers call; who may, and with what methods, was checked before the body was read (`admit.ts`). */
@Public()
@Controller('webhooks')
export class WebhookController {
  constructor(
    @Inject(CHANNEL) private readonly channel: Channel<unknown>,
    private readonly devices: DeviceIndex,
    private readonly ingest: IngestService,
  ) {}

  /** Only 200 counts at Fonnte and Meta, so nothing else means success. */
  @All(':channel/:key')
  async handle(@Req() request: FastifyRequest<Params>, @Res() reply: FastifyReply): Promise<void> {
    if (request.params.channel !== this.channel.descriptor.name)
      throw new HttpException('no such channel', 404);
    const devices = this.devices.devicesOf(request.params.key);
    const asked = createProviderRequest(partsOf(request), this.channel.intake?.formats);
    try {
      if (request.method === 'GET') this.greet(asked, devices, reply);
      else void reply.status(200).send({ events: await this.ingest.receive(asked, devices) });
    } catch (error) {
      throw toHttp(error);
    }
  }

  private greet(
    asked: ProviderRequest,
    devices: ReturnType<DeviceIndex['devicesOf']>,
    reply: FastifyReply,
  ): void {
    const { status, body, contentType = 'text/plain; charset=utf-8' } = this.ingest.greet(asked, devices);
    void reply
      .status(status)
      .header('Content-Type', contentType)
      .header('X-Content-Type-Options', 'nosniff')
      .send(body);
  }
}

interface Params {
  Params: { channel: string; key: string };
}

function partsOf(request: FastifyRequest) {
  return {
    method: request.method as ProviderRequest['method'],
    headers: flat(request.headers),
    query: flat(request.query as Record<string, unknown>) as Record<string, string>,
    body: Buffer.isBuffer(request.body) ? request.body : NO_BODY,
    receivedAt: Date.now(),
  };
}

/** Of a repeated header or query parameter the last counts. */
function flat(values: Record<string, unknown>): Record<string, string | undefined> {
  const single = Object.entries(values).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.at(-1) : value,
  ]);
  return Object.fromEntries(single) as Record<string, string | undefined>;
}

function toHttp(error: unknown): unknown {
  if (error instanceof UnprovenRequestError) return new HttpException(error.message, error.status);
  if (error instanceof MalformedRequestError) return new BadRequestException(error.message);
  if (error instanceof UnsupportedMediaError) return new UnsupportedMediaTypeException(error.message);
  return error;
}
