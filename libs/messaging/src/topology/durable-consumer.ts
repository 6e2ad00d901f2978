import { AckPolicy, type ConsumerConfig, type JetStreamManager } from '@nats-io/jetstream';
import type { ConsumerSpec } from '@kirisan/contracts';
import { exists } from './exists.js';

/** Longer than a garbage collection or a slow disk, far shorter than the POST timeout: two deliveries never overlap it. */
export const ACK_WAIT_MS = 10_000;

const NANOS = 1_000_000;

/** Makes the consumer, or makes it what the table says. */
export async function applyConsumer(manager: JetStreamManager, spec: ConsumerSpec): Promise<void> {
  const { stream, name, filter } = spec;
  if (await exists(manager.consumers.info(stream, name))) {
    await manager.consumers.update(stream, name, { ...limits(spec), filter_subject: filter });
  } else {
    await addConsumer(manager, spec);
  }
}

/** Makes a consumer that is not there; it begins with the oldest message of its stream. */
export async function addConsumer(manager: JetStreamManager, spec: ConsumerSpec): Promise<void> {
  await manager.consumers.add(spec.stream, {
    ...limits(spec),
    durable_name: spec.name,
    filter_subject: spec.filter,
    ack_policy: AckPolicy.Explicit,
  });
}

function limits({ maxAckPending }: ConsumerSpec): Partial<ConsumerConfig> {
  return { ack_wait: ACK_WAIT_MS * NANOS, max_ack_pending: maxAckPending, max_deliver: -1 };
}
