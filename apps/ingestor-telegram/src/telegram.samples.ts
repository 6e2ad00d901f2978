import type { ChannelDescriptor } from '@kirisan/contracts';

const common = { channel: 'telegram', device: '', timestamp: 1_768_200_000, production: false } as const;
const chat = '412345678';

/** Realistic payloads for tests and previews; device, timestamp and production are filled in. */
export const telegramSamples: ChannelDescriptor['samples'] = {
  incoming_message: {
    ...common,
    event: 'incoming_message',
    sender: {
      sender: chat,
      name: 'Dewi Lestari',
      details: {
        chat_id: chat,
        user_id: chat,
        username: 'dewilestari',
        first_name: 'Dewi',
        last_name: 'Lestari',
        language_code: 'id',
        is_bot: false,
        chat_type: 'private',
      },
    },
    message: { type: 'text', text: 'Hello, is this still available?' },
    metadata: { update_id: '731950124', update_type: 'message', message_id: '2048' },
  },
  submission: {
    ...common,
    event: 'submission',
    submission: { id: 42, name: 'Order form' },
    sender: chat,
    answers: [
      { question: 'What is your name?', answer: { type: 'text', text: 'Dewi Lestari' } },
      {
        question: 'Please send a photo of your receipt',
        answer: {
          type: 'image',
          file: {
            url: 'https://files.example.com/receipt.jpg',
            filename: 'receipt.jpg',
            filetype: 'image',
            mime_type: 'image/jpeg',
          },
        },
      },
      { question: 'Anything else?', answer: { type: 'text', text: '' } },
    ],
    started_at: '2026-01-12T06:38:00.000Z',
    completed_at: '2026-01-12T06:40:00.000Z',
  },
};
