import type { Channel } from '@kirisan/channel-kit';
import type { FonnteCredentials } from './fonnte.credentials.js';
import { incomingMessageSample, submissionSample } from './fonnte.samples.js';

export const fonnteDescriptor: Channel<FonnteCredentials>['descriptor'] = {
  name: 'whatsapp',
  label: 'WhatsApp (Fonnte)',
  events: ['incoming_message', 'submission'],
  credentials: [
    {
      name: 'webhookSecret',
      label: 'Webhook secret key',
      help: 'As set at the Fonnte device. When given, calls without it are refused.',
      required: false,
      secret: true,
    },
    {
      name: 'apiToken',
      label: 'Device token at Fonnte',
      help: 'Needed to answer people (autoreply).',
      required: false,
      secret: true,
    },
  ],
  identity: ['apiToken'],
  setupSteps: [
    'Sign in at Fonnte and open the device that is connected to your WhatsApp line.',
    'Edit the device and paste the ingest URL of this device into "webhook".',
    'Switch "autoread" and the inbox on: only then do messages carry an inboxid, by which repeats are known for certain.',
    'Optional, and recommended: set a webhook secret key at Fonnte and enter the same value here.',
    'Leave the URLs for connection, status and chaining empty, or use the same one: such calls are acknowledged.',
    'Send a message to the line from another phone and look for it under Webhooks → Logs.',
  ],
  samples: { incoming_message: incomingMessageSample, submission: submissionSample },
};
