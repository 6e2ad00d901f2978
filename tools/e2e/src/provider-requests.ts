import { createHmac } from 'node:crypto';

/** Requests as the three providers send them, with ids of our own choosing. */

export interface ProviderCall {
  headers: Record<string, string>;
  body: string;
}

const json = { 'content-type': 'application/json' };

export function fonnteText(
  inboxid: number,
  message: string,
  extra: Record<string, unknown> = {},
): ProviderCall {
  const body = {
    quick: false,
    device: '6281100000001',
    pesan: message,
    pengirim: '6281100000002',
    member: '',
    message,
    text: 'non-button message',
    sender: '6281100000002',
    name: 'Ani',
    location: '',
    url: '',
    type: 'text',
    extension: '',
    filename: '',
    pollname: '',
    choices: [],
    inboxid,
    isgroup: false,
    isforwarded: false,
    timestamp: 1_790_000_000,
    ...extra,
  };
  return { headers: json, body: JSON.stringify(body) };
}

export function telegramText(updateId: number, text: string, secretToken: string): ProviderCall {
  const person = { id: 5_550_001, first_name: 'Tono', username: 'tono' };
  const message = {
    message_id: updateId,
    from: { ...person, is_bot: false },
    chat: { ...person, type: 'private' },
    date: 1_790_000_000,
    text,
  };
  return {
    headers: { ...json, 'x-telegram-bot-api-secret-token': secretToken },
    body: JSON.stringify({ update_id: updateId, message }),
  };
}

export interface MetaLine {
  phoneNumberId: string;
  appSecret: string;
}

/** One POST with any number of messages and statuses, signed with the app secret. */
export function metaCall(
  { phoneNumberId, appSecret }: MetaLine,
  value: Record<string, unknown>,
): ProviderCall {
  const metadata = { display_phone_number: '15550001111', phone_number_id: phoneNumberId };
  const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [change] }],
  });
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return { headers: { ...json, 'x-hub-signature-256': `sha256=${signature}` }, body };
}

export function metaText(line: MetaLine, wamids: string[], text: string): ProviderCall {
  return metaCall(line, {
    contacts: [{ profile: { name: 'Wati' }, wa_id: '628220000003' }],
    messages: wamids.map((id) => ({
      from: '628220000003',
      id,
      timestamp: '1790000000',
      type: 'text',
      text: { body: text },
    })),
  });
}

export function metaStatus(line: MetaLine, wamid: string, status: string): ProviderCall {
  return metaCall(line, {
    statuses: [{ id: wamid, status, timestamp: '1790000001', recipient_id: '628220000003' }],
  });
}

/** The status of the ingestor's answer; 0 when it could not be reached. */
export async function callIngestor(url: string, { headers, body }: ProviderCall): Promise<number> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
