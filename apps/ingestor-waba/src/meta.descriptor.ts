import type { Channel } from '@kirisan/channel-kit';
import type { MetaCredentials } from './meta.credentials.js';
import { metaSamples } from './meta.samples.js';

/** What the channel says of itself to registry, console and tests. */
export const metaDescriptor: Channel<MetaCredentials>['descriptor'] = {
  name: 'waba',
  label: 'WABA (WhatsApp Business Platform)',
  events: ['incoming_message', 'submission', 'message_status'],
  identity: ['phoneNumberId'],
  sharedIngestBy: 'appSecret',
  credentials: [
    {
      name: 'phoneNumberId',
      label: 'Phone number ID',
      help: "Meta's id of the number (WhatsApp → API Setup), not the number itself.",
      required: true,
      secret: false,
      maxLength: 64,
      pattern: '[A-Za-z0-9_-]{1,64}',
    },
    {
      name: 'appSecret',
      label: 'App secret',
      help: 'App settings → Basic → App secret. It proves that a webhook comes from Meta.',
      required: true,
      secret: true,
      maxLength: 256,
    },
    {
      name: 'verifyToken',
      label: 'Verify token',
      help: 'A text of your choice, typed in again at Meta beside the callback URL.',
      required: true,
      secret: true,
      maxLength: 256,
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'Of a system user, for replies and media. Receiving needs none.',
      required: false,
      secret: true,
      maxLength: 1024,
    },
  ],
  setupSteps: [
    'Open your app at developers.facebook.com and add the product WhatsApp.',
    'Copy the phone number ID (WhatsApp → API Setup) and the app secret (App settings → Basic), and create the device with them and a verify token of your choice.',
    "At WhatsApp → Configuration enter the device's ingest URL as callback URL and the same verify token, then press Verify and save.",
    'Subscribe to the webhook field "messages".',
    'Further numbers of the same app: create a device each, with the same app secret; they share the callback URL.',
  ],
  samples: metaSamples,
};
