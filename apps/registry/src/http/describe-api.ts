import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ServiceModule } from '@kirisan/service';
import { RegistryConfig } from '../registry.config.js';
import { RegistryModule } from '../registry.module.js';
import { openApiDocument } from './open-api.js';

/** The document without any server: nothing is connected, only the classes are looked at. */
export async function describeApi(): Promise<OpenAPIObject> {
  class Preview {}
  const root = { module: Preview, imports: [ServiceModule.with(new RegistryConfig()), RegistryModule] };
  const app = await NestFactory.create(root, new FastifyAdapter(), { preview: true, logger: false });
  try {
    return openApiDocument(app);
  } finally {
    await app.close();
  }
}
