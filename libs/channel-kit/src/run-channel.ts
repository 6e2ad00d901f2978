import type { ModuleMetadata } from '@nestjs/common';
import { runService, type ServiceOptions } from '@kirisan/service';
import type { Channel } from './channel.js';
import { ChannelModule } from './channel.module.js';
import { prepareEdge } from './edge/admit.js';
import { logRequests } from './edge/request-log.js';
import { IngestorConfig } from './ingestor.config.js';

export interface ChannelAppOptions<K extends IngestorConfig> {
  /** Default: {@link IngestorConfig}, for a channel without settings of its own. */
  config?: new () => K;
  /** Modules that the channel has besides the kit's, such as its poller. */
  imports?: (config: K) => ModuleMetadata['imports'];
}

/** Starts a channel's app from its environment: this is all that its `main.ts` does. */
export async function runChannel<C, K extends IngestorConfig = IngestorConfig>(
  channel: Channel<C>,
  options: ChannelAppOptions<K> = {},
): Promise<void> {
  await runService(channelService(channel, options));
}

/** A channel's app as {@link runChannel} starts it, for tests of the real thing. */
export function channelService<C, K extends IngestorConfig = IngestorConfig>(
  channel: Channel<C>,
  { config = IngestorConfig as unknown as new () => K, imports }: ChannelAppOptions<K> = {},
): ServiceOptions<K> {
  return {
    name: `ingestor-${channel.descriptor.name}`,
    config,
    module: (settings) => ChannelModule.with(channel, settings, imports?.(settings)),
    prepare: (app) => {
      prepareEdge(app, channel);
      logRequests(app);
    },
  };
}
