import {
  asFilled,
  asList,
  asRecord,
  type ChannelDevice,
  MalformedRequestError,
  type NormalisedEvent,
  type ProviderRequest,
} from '@kirisan/channel-kit';
import type { MetaCredentials } from './meta.credentials.js';
import { type Line, messageEvents } from './meta.message.js';
import { statusEvents } from './meta.status.js';

type Data = Record<string, unknown>;

/**
 * The events of a webhook of Meta, in its order. One POST may hold up to 1,000 updates of several numbers and fields
 * (Meta, webhooks overview). Only the field `messages` is for us: others, such as `calls`, reuse the names in it.
 */
export function normaliseWebhook(
  request: ProviderRequest,
  devices: readonly ChannelDevice<MetaCredentials>[],
): NormalisedEvent<MetaCredentials>[] {
  const body = asRecord(request.parse());
  if (!body || typeof body.object !== 'string')
    throw new MalformedRequestError('body: a webhook of Meta has a text "object"');
  if (body.object !== 'whatsapp_business_account') return [];
  const byNumber = new Map(devices.map((device) => [device.credentials.phoneNumberId, device]));
  return messageChanges(body).flatMap(({ accountId, value }) => {
    const line = lineOf(value, accountId, byNumber, request.receivedAt);
    return line ? [...messageEvents(value, line), ...statusEvents(value, line)] : [];
  });
}

function messageChanges(body: Data): { accountId?: string; value: Data }[] {
  return asList(body.entry).flatMap((item) => {
    const entry = asRecord(item);
    const changes = asList(entry?.changes).map(asRecord);
    return changes.flatMap((change) => {
      const value = change?.field === 'messages' ? asRecord(change.value) : undefined;
      return value ? [{ accountId: asFilled(entry?.id), value }] : [];
    });
  });
}

/** Routed by Meta's id of the number; the display number is for people and may hold spaces and "+". */
function lineOf(
  value: Data,
  businessAccountId: string | undefined,
  devices: Map<string, ChannelDevice<MetaCredentials>>,
  receivedAt: number,
): Line | undefined {
  const metadata = asRecord(value.metadata);
  const phoneNumberId = asFilled(metadata?.phone_number_id);
  if (!phoneNumberId) return undefined;
  return {
    phoneNumberId,
    displayNumber: asFilled(metadata?.display_phone_number),
    businessAccountId,
    device: devices.get(phoneNumberId),
    receivedAt,
  };
}
