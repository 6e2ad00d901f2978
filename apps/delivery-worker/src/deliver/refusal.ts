import type { DeliveryReason, Outcome } from '@kirisan/contracts';
import { OUTBOUND_MESSAGES } from '@kirisan/outbound';

/** Why a claimed match is not POSTed. */
export interface Refusal {
  code: string;
  message: string;
  reason?: DeliveryReason;
}

const because = (reason: DeliveryReason, message: string): Refusal => ({ code: reason, message, reason });

export const REFUSALS = {
  deleted: because('endpoint_deleted', 'The endpoint was deleted before this delivery was due.'),
  paused: because('endpoint_paused', 'The endpoint was paused when this delivery was due.'),
  pending: because('endpoint_pending', 'The endpoint was waiting for a test when this delivery was due.'),
  tooOld: because('too_old', 'The event is too old to be delivered.'),
  expired: because('expired', 'The delivery waited too long for the endpoint, which was overloaded.'),
  secret: { code: 'secret_unreadable', message: "The endpoint's signing secret could not be read." },
  late: { code: 'claim_expired', message: OUTBOUND_MESSAGES.claim_expired },
} as const satisfies Record<string, Refusal>;

/** The final row of a match that is not POSTed. */
export function refusedOutcome(id: string, { code, message, reason }: Refusal): Outcome {
  const now = Date.now();
  return {
    id,
    status: 'failed',
    verdict: 'not_sent',
    ...(reason && { reason }),
    durationMs: 0,
    error: { code, message },
    startedAt: now,
    finishedAt: now,
  };
}
