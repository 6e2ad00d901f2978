import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Module, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, IsString } from 'class-validator';
import { ServiceConfig } from '../config/service.config.js';
import { TransientError } from '../errors/errors.js';
import { Health } from '../health/health.js';
import { createService } from './run-service.js';

class ThingDto {
  @IsString()
  name: string;

  @IsInt()
  size: number;
}

@Controller('things')
class ThingController {
  @Post()
  add(@Body() thing: ThingDto) {
    return thing;
  }

  @Delete(':id')
  remove(@Param('id') id: string) {
    return { id };
  }

  @Get('away')
  away() {
    throw new TransientError('postgres://user:password@host is away');
  }

  @Get('bug')
  bug() {
    throw new TypeError('inner detail');
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

const TOKEN = 'the-internal-token-1';
let app: NestFastifyApplication;
let base: string;

beforeAll(async () => {
  const config = Object.assign(new ServiceConfig(), { internalToken: TOKEN, logLevel: 'fatal' });
  app = await createService({ name: 'things', config: ServiceConfig, module: () => ThingModule }, config);
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
});
afterAll(() => app?.close());

const ask = async (path: string, init: RequestInit = {}, token: string | undefined = TOKEN) => {
  const headers = {
    'content-type': 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const response = await fetch(base + path, { ...init, headers: { ...headers, ...init.headers } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const post = (body: string) => ask('/things', { method: 'POST', body });

describe('a service', () => {
  it('asks for the internal token, in either header', async () => {
    expect(await ask('/things/away', {}, '')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect((await ask('/things/away', {}, 'the-internal-token-2')).status).toBe(401);
    expect((await ask('/things/away', { headers: { 'x-internal-token': TOKEN } }, '')).status).toBe(503);
    expect((await ask('/metrics', {}, '')).status).toBe(401);
  });

  it('answers health without a token, and names what is wrong', async () => {
    expect(await ask('/health/ready', {}, '')).toMatchObject({ status: 200 });
    app.get(Health).register('database', () => 'not connected');
    expect(await ask('/health/ready', {}, '')).toMatchObject({
      status: 503,
      body: { code: 'not_ready', problems: { database: 'not connected' } },
    });
    expect((await ask('/health/live', {}, '')).status).toBe(200);
  });

  it('names the field and the reason of bad input', async () => {
    const { status, body } = await post('{"name":1,"size":2,"extra":true}');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'validation_failed', requestId: expect.any(String) });
    expect(body.message).toMatch(/extra: property extra should not exist.*name: name must be a string/);
  });

  it('answers malformed and oversized bodies with their status', async () => {
    expect(await post('{"name":')).toMatchObject({ status: 400 });
    expect(await post(JSON.stringify({ name: 'x'.repeat(2_000_000) }))).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
    expect(await ask('/nowhere')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('takes no body for one, whatever its content type says', async () => {
    expect(await post('')).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(await ask('/things/7', { method: 'DELETE', body: '' })).toEqual({
      status: 200,
      body: { id: '7' },
    });
    expect(await ask('/things/7', { method: 'DELETE' })).toMatchObject({ status: 200 });
  });

  it.each<[number, RegExp, string | Uint8Array<ArrayBuffer>, string?]>([
    [400, /body: is not JSON/, '{"name":"s3cret'],
    [400, /body: is not JSON/, Uint8Array.of(0x22, 0xff, 0x22)],
    [400, /deeper than 16/, `{"name":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    [400, /__proto__/, '{"name":"a","size":1,"__proto__":{"size":2}}'],
    [400, /constructor/, '{"name":"a","size":1,"constructor":{"prototype":{}}}'],
    [400, /./, 'null'],
    [400, /./, '[]'],
    [400, /./, '[{"name":"a","size":1}]'],
    [400, /./, '5'],
    [400, /./, '"text"'],
    [400, /./, 'true'],
    [415, /./, 'name=a&size=1', 'application/x-www-form-urlencoded'],
    [415, /./, '{"name":"a","size":1}', 'text/plain'],
  ])('says %i, %s, to case %#', async (status, message, body, type = 'application/json') => {
    const answer = await ask('/things', { method: 'POST', body, headers: { 'content-type': type } });
    expect(answer).toEqual({
      status,
      body: expect.objectContaining({
        message: expect.stringMatching(message),
        requestId: expect.any(String),
      }),
    });
    expect(JSON.stringify(answer)).not.toMatch(/s3cret|\bat [A-Z]/);
  });

  it('says 503 for what is away and 500 for a bug, and tells no details of either', async () => {
    const away = await ask('/things/away');
    expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    const bug = await ask('/things/bug');
    expect(bug).toMatchObject({ status: 500, body: { code: 'internal_error', message: 'internal error' } });
    expect(JSON.stringify([away, bug])).not.toMatch(/password|inner detail/);
  });
});
