import { runChannel } from '@kirisan/channel-kit';
import { fonnteChannel } from './fonnte.channel.js';

await runChannel(fonnteChannel);
