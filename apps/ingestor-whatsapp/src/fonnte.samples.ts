import type { IncomingMessagePayload, SubmissionPayload } from '@kirisan/contracts';

export const incomingMessageSample: IncomingMessagePayload = {
  event: 'incoming_message',
  device: 'device-token',
  channel: 'whatsapp',
  sender: {
    sender: '6281234567890',
    name: 'Rina Wulandari',
    details: { type: 'personal', sender: '6281234567890', pushname: 'Rina Wulandari', from_me: false },
  },
  message: { type: 'text', text: 'Hi, is the blue one still available? 😊' },
  metadata: { inboxid: 204817, isgroup: false, isforwarded: false },
  timestamp: 1770000000,
  production: false,
};

export const submissionSample: SubmissionPayload = {
  event: 'submission',
  submission: { id: 12, name: 'Order form' },
  device: 'device-token',
  sender: '6281234567890',
  channel: 'whatsapp',
  answers: [
    { question: 'What is your name?', answer: { type: 'text', text: 'Rina Wulandari' } },
    {
      question: 'Please send a photo of your receipt.',
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
  started_at: '2026-02-02T02:38:10.000Z',
  completed_at: '2026-02-02T02:40:00.000Z',
  timestamp: 1770000000,
  production: false,
};
