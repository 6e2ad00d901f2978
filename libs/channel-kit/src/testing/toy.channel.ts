import { eventId } from '@kirisan/contracts';
import type { Channel } from '../channel.js';
import { UnprovenRequestError } from '../errors.js';
import { asList, asRecord, asString } from '../values/values.js';

/** A small channel: `{texts: […]}` with the secret in a header. */
export const toy: Channel<{ secret: string }> = {
  descriptor: {
    name: 'toy',
    label: 'Toy',
    events: ['incoming_message'],
    credentials: [{ name: 'secret', label: 'Secret', required: true, secret: true }],
    identity: [],
    setupSteps: [],
    samples: {},
  },
  intake: { maxBodyBytes: 3_000_000 },
  prove(request, devices) {
    const given = request.headers['x-secret'];
    if (!given) throw new UnprovenRequestError(401, 'x-secret is missing');
    const proven = devices.filter(({ credentials }) => credentials.secret === given);
    if (proven.length === 0) throw new UnprovenRequestError(403, 'x-secret is wrong');
    return proven;
  },
  normalise(request, [device]) {
    return asList(asRecord(request.parse())?.['texts']).map((item) => {
      const text = asString(item) ?? '';
      if (text === 'bug') throw new TypeError('a bug');
      const contentOnly = text.startsWith('again') ? true : undefined;
      return {
        id: eventId('toy', [device!.id, text]),
        contentOnly,
        device,
        sender: `62\0${'x'.repeat(1_000)}`,
        body: {
          event: 'incoming_message',
          sender: { sender: '62', name: '', details: {} },
          message: { type: 'text', text },
          metadata: {},
          timestamp: 1_770_000_000,
        },
      };
    });
  },
};

/** The body of a request of the toy channel. */
export const texts = (...values: string[]) => JSON.stringify({ texts: values });
