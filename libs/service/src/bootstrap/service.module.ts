import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ServiceConfig } from '../config/service.config.js';
import { Health } from '../health/health.js';
import { HealthController } from '../health/health.controller.js';
import { ErrorFilter } from '../http/error.filter.js';
import { InternalTokenGuard } from '../http/internal-token.guard.js';
import { validationPipe } from '../http/validation.js';
import { Metrics } from '../metrics/metrics.js';
import { MetricsController } from '../metrics/metrics.controller.js';

/** What every process needs: configuration, health, metrics, the token guard, one error filter, validation. */
@Global()
@Module({})
export class ServiceModule {
  /** `config` is injectable under its own class and as {@link ServiceConfig}. */
  static with(config: ServiceConfig): DynamicModule {
    const configs = [
      { provide: ServiceConfig, useValue: config },
      { provide: config.constructor, useValue: config },
    ];
    return {
      module: ServiceModule,
      controllers: [HealthController, MetricsController],
      providers: [
        ...configs,
        Health,
        Metrics,
        { provide: APP_GUARD, useClass: InternalTokenGuard },
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_PIPE, useFactory: validationPipe },
      ],
      exports: [...configs.map(({ provide }) => provide), Health, Metrics],
    };
  }
}
