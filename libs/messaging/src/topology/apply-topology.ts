import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { type BucketSpec, BUCKETS, CONSUMERS, STREAMS, type StreamSpec } from '@kirisan/contracts';
import type { Messaging } from '../connection/messaging.js';
import { applyConsumer } from './durable-consumer.js';
import { exists } from './exists.js';
import { jetStreamReady } from './jetstream-ready.js';

const NANOS = 1_000_000;
const READY_TIMEOUT_MS = 60_000;
const DAY_NANOS = 24 * 3_600 * 1_000 * NANOS;

export interface TopologyOptions {
  /** Copies of every stream: 1, or 3 and 5 on a cluster. */
  replicas: number;
}

/** Makes streams, consumers and buckets what the table says; run at migration time by a user who may manage JetStream. */
export async function applyTopology(messaging: Messaging, options: TopologyOptions): Promise<void> {
  const manager = await messaging.manager();
  await jetStreamReady(manager, READY_TIMEOUT_MS);
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
