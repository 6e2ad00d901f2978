import { randomUUID } from 'node:crypto';
import { type DynamicModule, Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError, describeConfig, loadConfig } from '../config/load-config.js';
import type { ServiceConfig } from '../config/service.config.js';
import { errorText } from '../errors/errors.js';
import { useJsonBodies } from '../http/json-body.js';
import { PinoLogger } from '../logger/logger.js';
import { ServiceModule } from './service.module.js';

export interface ServiceOptions<C extends ServiceConfig> {
  /** Name in logs and metrics; the app's folder name. */
  name: string;
  config: new () => C;
  /** Makes the app's module. */
  module: (config: C) => Type | DynamicModule;
  /** Called before the server listens: content types, microservice strategies, documents. */
  prepare?: (app: NestFastifyApplication, config: C) => Promise<void> | void;
  /** Bytes of an HTTP request body; default 1 MiB. */
  bodyLimit?: number;
}

/** All the headers of a request to any service; larger ones are answered 431. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Body of a request to an internal API; larger ones are answered 413. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Starts a service from its environment, or prints what is wrong with it and exits with 1. */
export async function runService<C extends ServiceConfig>(options: ServiceOptions<C>): Promise<void> {
  try {
    const config = loadConfig(options.config);
    const app = await createService(options, config);
    await app.startAllMicroservices();
    await app.listen({ port: config.port, host: config.host });
    exitOnSignals(app, config.shutdownGraceMs);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : ((error as Error)?.stack ?? errorText(error));
    process.stderr.write(`${options.name} can not start: ${text}\n`);
    process.exit(1);
  }
}

/** The whole application, not listening yet: for tests that need the real module. */
export async function createService<C extends ServiceConfig>(
  options: ServiceOptions<C>,
  config: C,
): Promise<NestFastifyApplication> {
  const logger = new PinoLogger(options.name, config.logLevel);
  const { bodyLimit = MAX_BODY_BYTES } = options;
  const adapter = new FastifyAdapter({
    bodyLimit,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    genReqId: () => randomUUID(),
    requestTimeout: 30_000,
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule(options, config), adapter, {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  useJsonBodies(app, bodyLimit);
  await options.prepare?.(app, config);
  await app.init();
  logger.debug({ settings: describeConfig(config) }, 'configuration', 'bootstrap');
  return app;
}

function rootModule<C extends ServiceConfig>({ module }: ServiceOptions<C>, config: C): DynamicModule {
  return { module: class RootModule {}, imports: [ServiceModule.with(config), module(config)] };
}

/** The first signal closes in order (work in progress may finish), the second or the deadline ends the process. */
function exitOnSignals(app: NestFastifyApplication, graceMs: number): void {
  const logger = new Logger('bootstrap');
  let closing = false;
  const close = (signal: string) => {
    if (closing) process.exit(1);
    closing = true;
    logger.log(`${signal}: finishing what is in progress`);
    setTimeout(() => process.exit(1), graceMs).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ error: errorText(error) }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
