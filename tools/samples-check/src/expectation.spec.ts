import { describe, expect, it } from '@jest/globals';
import { differences } from './expectation.js';

const payload = {
  event: 'incoming_message',
  device: '1',
  channel: 'waba',
  sender: { sender: '62855', name: 'Wayan', details: {} },
  message: {
    type: 'image',
    text: 'caption',
    file: { file_id: '9', mime_type: 'image/png' },
    location: { latitude: 1.0000001, longitude: 2 },
  },
  metadata: { message_id: 'wamid.1', errors: [{ code: 7 }] },
  timestamp: 1_772_000_000,
};

describe('differences', () => {
  it.each([
    { event: 'incoming_message', channel: 'waba', device_any_of: ['2', 1] },
    { sender: 62855, name_any_of: ['Wayan', 'W'] },
    { message: { type_any_of: ['photo', 'image'], text: 'caption' } },
    { file: { present: true, file_id_any_of: ['8', '9'], mime_type: 'image/png' }, button: false },
    { location: { latitude: 1, longitude: 2 } },
    { timestamp: 1_772_000_000, timestamp_any_of: [1, 1_772_000_000] },
    { provider_message_id: 'wamid.1', errors: [7] },
  ])('finds none in %j', (expected) => expect(differences(payload, expected)).toEqual([]));

  it.each([
    { event: 'message_status' },
    { device_any_of: ['2'] },
    { sender: '62856' },
    { name_any_of: ['W'] },
    { message: { type: 'photo' } },
    { message: { text_any_of: ['other'] } },
    { message: { colour: 'red' } },
    { file: false },
    { file: { file_id: '8' } },
    { file: { url: 'https://a.example' } },
    { button: { present: true } },
    { location: { latitude: 1.1 } },
    { location: { latitude: '1' } },
    { timestamp: 1 },
    { errors: false },
    { errors: [8] },
    { provider_message_id: 'wamid.2' },
    { recipient: '62855' },
    { something_new: 1 },
  ])('finds one in %j', (expected) => expect(differences(payload, expected)).toHaveLength(1));
});
