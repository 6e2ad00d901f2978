import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CONNECTOR, type Connector } from './connector.js';
import { PolledIntake } from './polled-intake.js';
import { Poller } from './poller.js';
import { PollerConfig } from './poller.config.js';

/** Looks after every device of a channel through the channel's `Connector`; for the `imports` of `runChannel`. */
@Module({})
export class PollerModule {
  /** `connector` makes the channel's connector; it may use what fetched bodies go through. */
  static with<C extends PollerConfig>(
    config: C,
    connector: (config: C, intake: PolledIntake) => Connector<never>,
  ): DynamicModule {
    const made: Provider = {
      provide: CONNECTOR,
      useFactory: (intake: PolledIntake) => connector(config, intake),
      inject: [PolledIntake],
    };
    return {
      module: PollerModule,
      providers: [{ provide: PollerConfig, useValue: config }, PolledIntake, made, Poller],
    };
  }
}
