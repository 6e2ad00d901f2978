import { runChannel } from '@kirisan/channel-kit';
import { metaChannel } from './meta.channel.js';

await runChannel(metaChannel);
