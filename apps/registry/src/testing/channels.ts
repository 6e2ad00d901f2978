import type { ChannelDescriptor, SubmissionPayload } from '@kirisan/contracts';

const message = {
  event: 'incoming_message',
  device: '',
  channel: '',
  sender: { sender: '62811', name: 'Ani', details: {} },
  message: { type: 'text', text: 'Hello' },
  metadata: {},
  timestamp: 0,
  production: true,
} as const;

const submission: SubmissionPayload = {
  event: 'submission',
  submission: { id: 1, name: 'Order' },
  device: '',
  sender: '62811',
  channel: '',
  answers: [],
  started_at: '2026-01-01T00:00:00.000Z',
  completed_at: '2026-01-01T00:01:00.000Z',
  timestamp: 0,
  production: true,
};

const status = {
  event: 'message_status',
  channel: '',
  device: '',
  recipient: '62811',
  message_id: 'wamid.1',
  status: 'read',
  metadata: { message_id: 'wamid.1', status: 'read' },
  timestamp: 0,
  production: true,
} as const;

/** Channels as their services announce them. */
export const TEST_CHANNELS: ChannelDescriptor[] = [
  {
    name: 'bots',
    label: 'Bots',
    events: ['incoming_message', 'submission'],
    credentials: [
      {
        name: 'botToken',
        label: 'Bot token',
        required: true,
        secret: true,
        pattern: '[0-9]{1,20}:[A-Za-z0-9_-]{1,100}',
        identityPattern: '0*([0-9]+):.*',
      },
      {
        name: 'secretToken',
        label: 'Secret',
        required: false,
        secret: true,
        generatedBytes: 16,
        maxLength: 40,
      },
    ],
    identity: ['botToken'],
    ingestBaseUrl: 'https://hooks.example/bots',
    firstMessageActivates: true,
    setupSteps: [],
    samples: { incoming_message: message, submission },
  },
  {
    name: 'numbers',
    label: 'Numbers',
    events: ['incoming_message', 'submission', 'message_status'],
    credentials: [
      { name: 'phoneNumberId', label: 'Phone number id', required: true, secret: false },
      { name: 'appSecret', label: 'App secret', required: true, secret: true },
      { name: 'accessToken', label: 'Access token', required: false, secret: true },
      { name: 'note', label: 'Note', required: false, secret: false },
    ],
    identity: ['phoneNumberId'],
    sharedIngestBy: 'appSecret',
    ingestBaseUrl: 'https://hooks.example/numbers/',
    setupSteps: [],
    samples: { incoming_message: message, submission, message_status: status },
  },
];
