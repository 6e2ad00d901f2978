import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import {
  type BucketSpec,
  BUCKETS,
  type ConsumerSpec,
  CONSUMERS,
  STREAMS,
  type StreamSpec,
} from '@kirisan/contracts';
import type { Messaging } from '../connection/messaging.js';

/** Longer than a garbage collection or a slow disk, far shorter than the POST timeout: two deliveries never overlap it. */
export const ACK_WAIT_MS = 10_000;

const NANOS = 1_000_000;
const DAY_NANOS = 24 * 3_600 * 1_000 * NANOS;

export interface TopologyOptions {
  /** Copies of every stream: 1, or 3 and 5 on a cluster. */
  replicas: number;
}

/** Makes streams, consumers and buckets what the table says; run at migration time by a user who may manage JetStream. */
export async function applyTopology(messaging: Messaging, options: TopologyOptions): Promise<void> {
  const manager = await messaging.manager();
  for (const spec of Object.values(STREAMS)) await applyStream(manager, spec, options);
  for (const spec of Object.values(CONSUMERS)) await applyConsumer(manager, spec);
  const kvm = new Kvm(messaging.js);
  for (const spec of Object.values(BUCKETS)) await applyBucket(manager, kvm, spec, options);
}

/** `streams.add` with another configuration throws, so look first. */
async function applyStream(
  manager: JetStreamManager,
  spec: StreamSpec,
  { replicas }: TopologyOptions,
): Promise<void> {
  const config: Partial<StreamConfig> & { name: string } = {
    name: spec.name,
    description: spec.purpose,
    subjects: [...spec.subjects],
    retention: spec.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: spec.maxBytes,
    max_age: spec.maxAgeDays * DAY_NANOS,
    num_replicas: replicas,
  };
  if (await exists(manager.streams.info(spec.name))) await manager.streams.update(spec.name, config);
  else await manager.streams.add(config);
}

async function applyConsumer(manager: JetStreamManager, spec: ConsumerSpec): Promise<void> {
  const limits = { ack_wait: ACK_WAIT_MS * NANOS, max_ack_pending: spec.maxAckPending, max_deliver: -1 };
  if (await exists(manager.consumers.info(spec.stream, spec.name))) {
    await manager.consumers.update(spec.stream, spec.name, { ...limits, filter_subject: spec.filter });
    return;
  }
  await manager.consumers.add(spec.stream, {
    ...limits,
    durable_name: spec.name,
    filter_subject: spec.filter,
    ack_policy: AckPolicy.Explicit,
  });
}

async function applyBucket(
  manager: JetStreamManager,
  kvm: Kvm,
  spec: BucketSpec,
  { replicas }: TopologyOptions,
): Promise<void> {
  const stream = `KV_${spec.name}`;
  if (await exists(manager.streams.info(stream))) {
    await manager.streams.update(stream, { num_replicas: replicas });
    return;
  }
  await kvm.create(spec.name, {
    description: spec.purpose,
    ttl: spec.ttlSeconds * 1_000,
    history: 1,
    replicas,
    storage: StorageType.File,
    allow_direct: true,
  });
}

async function exists(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (/not found/i.test(String((error as Error).message))) return false;
    throw error;
  }
}
