import {
  asFilled,
  asRecord,
  type ChannelDevice,
  MalformedRequestError,
  type NormalisedEvent,
  type ProviderRequest,
} from '@kirisan/channel-kit';
import { callbackEvent } from './telegram.callback.js';
import type { TelegramCredentials } from './telegram.credentials.js';
import { messageEvent } from './telegram.message.js';
import type { UpdateContext } from './telegram.update.js';

type Data = Record<string, unknown>;
type Event = NormalisedEvent<TelegramCredentials>;

/** Kinds of updates that customers cause on purpose; all others, new ones too, are acknowledged and hold nothing for us. */
const KINDS = new Map<string, (part: Data, context: UpdateContext) => Event | undefined>([
  ['message', messageEvent],
  ['business_message', messageEvent],
  ['callback_query', callbackEvent],
]);

/** What Telegram is asked to send. */
export const ALLOWED_UPDATES: readonly string[] = [...KINDS.keys()];

/** The events of one update (Bot API, Update): at most one, for the bot whose URL or poll it came by. */
export function normaliseUpdate(
  request: ProviderRequest,
  devices: readonly ChannelDevice<TelegramCredentials>[],
): Event[] {
  const update = asRecord(request.parse());
  const updateId = asFilled(update?.update_id);
  if (!update || updateId === undefined)
    throw new MalformedRequestError('body: an update of Telegram has an "update_id"');
  const events: Event[] = [];
  for (const [kind, read] of KINDS) {
    const part = Object.hasOwn(update, kind) ? asRecord(update[kind]) : undefined;
    if (!part) continue;
    for (const device of devices) {
      const event = read(part, { device, updateId, kind, receivedAt: request.receivedAt });
      if (event) events.push(event);
    }
  }
  return events;
}
