import type { ChannelDescriptor } from '@kirisan/contracts';

const common = { channel: 'waba', device: '', timestamp: 1_768_200_000, production: false } as const;
const customer = '6281234567890';
const wamid = 'wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABIYFDNBQjhDRDkxRTJGNDA3QTZCNUMwAA==';

/** Realistic payloads for tests and previews; device, timestamp and production are filled in. */
export const metaSamples: ChannelDescriptor['samples'] = {
  incoming_message: {
    ...common,
    event: 'incoming_message',
    sender: {
      sender: customer,
      name: 'Dewi Lestari',
      details: { type: 'personal', from: customer, wa_id: customer, user_id: 'ID.13491208655302741918' },
    },
    message: { type: 'text', text: 'Hello, is this still available?' },
    metadata: {
      message_id: wamid,
      phone_number_id: '106540352242922',
      display_phone_number: '6281110002222',
      business_account_id: '102290129340398',
      type: 'text',
    },
  },
  submission: {
    ...common,
    event: 'submission',
    submission: { id: 42, name: 'Order form' },
    sender: customer,
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
  message_status: {
    ...common,
    event: 'message_status',
    recipient: customer,
    message_id: wamid,
    status: 'delivered',
    metadata: { message_id: wamid, status: 'delivered' },
  },
};
