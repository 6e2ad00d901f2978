import {
  asRecord,
  asString,
  type Channel,
  type ChannelDevice,
  MalformedRequestError,
  type NormalisedEvent,
  type ProviderRequest,
  secretsEqual,
  UnprovenRequestError,
} from '@kirisan/channel-kit';
import { callKind, type FonnteBody } from './fonnte.call.js';
import type { FonnteCredentials } from './fonnte.credentials.js';
import { fonnteDescriptor } from './fonnte.descriptor.js';
import { normaliseMessage } from './fonnte.normalise.js';

type FonnteDevice = ChannelDevice<FonnteCredentials>;

/**
 * WhatsApp through the Fonnte gateway. Fonnte signs nothing: the unguessable URL names and proves the device, and the
 * secret in the body proves it again where the device has one.
 */
export const fonnteChannel: Channel<FonnteCredentials> = {
  descriptor: fonnteDescriptor,
  intake: { formats: 'json-and-forms' },
  prove,
  normalise,
};

function prove(request: ProviderRequest, devices: readonly FonnteDevice[]): readonly FonnteDevice[] {
  const given = asString(asRecord(request.parse())?.['secret']);
  const proven = devices.filter(({ credentials: { webhookSecret } }) => isProven(given, webhookSecret));
  if (proven.length > 0) return proven;
  if (given === undefined) throw new UnprovenRequestError(401, 'secret: is missing in the body');
  throw new UnprovenRequestError(403, 'secret: is not that of the device');
}

function isProven(given: string | undefined, expected: string | undefined): boolean {
  if (expected === undefined || expected === '') return true;
  return given !== undefined && secretsEqual(given, expected);
}

function normalise(
  request: ProviderRequest,
  devices: readonly FonnteDevice[],
): NormalisedEvent<FonnteCredentials>[] {
  const body: FonnteBody | undefined = asRecord(request.parse());
  if (!body) throw new MalformedRequestError('body: is not an object');
  const device = devices[0]!;
  if (callKind(body) !== 'message') return [];
  return [normaliseMessage(body, device, request.receivedAt)];
}
