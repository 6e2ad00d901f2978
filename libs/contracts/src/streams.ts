/** Where things travel. One table: code publishes by it, the topology is applied from it, the reference page prints it. */
export const SUBJECTS = {
  /** Batches of {@link EventRecord} of one channel. */
  events: (channel: string) => `events.${channel}`,
  /** Batches of routed events: every event with all of its matches, atomically. */
  routed: 'deliveries.routed',
  /** One routed event, for the one endpoint whose lane was full. */
  parked: (endpointId: string) => `parked.${endpointId}`,
  /** Batches of outcomes (JSON array of `Outcome`). */
  outcome: 'outcomes.delivery',
  /** Batches of events that matched nothing (`UnmatchedFacts`). */
  unmatched: 'outcomes.unmatched',
  /** A message that could not be processed, with its reason in headers. */
  deadLetter: (stream: string) => `dead.${stream.toLowerCase()}`,
  /** Request/reply: delivery-worker asks, log-service answers. See `claim-frames.ts`. */
  claim: 'claims.request',
  /** Request/reply: registry asks, one delivery-worker answers. */
  test: 'tests.run',
  /** Request/reply: router asks, registry answers (the Telegram exception). */
  activate: 'endpoints.activate',
  /** Fire and forget: delivery-worker to every log-service. */
  heartbeat: 'workers.heartbeat',
} as const;

/**
 * Where the log service publishes dead letters again. Not to its own stream: who may write into a stream and make its
 * consumer could have the server publish anything anywhere. It takes those of OUTCOMES by itself.
 */
export const REQUEUE_SUBJECTS = [SUBJECTS.events('*'), SUBJECTS.routed, SUBJECTS.parked('*')];

export interface StreamSpec {
  name: string;
  subjects: string[];
  /** Work queue: a message leaves when its consumer acknowledged it. Limits: it leaves by age or by hand. */
  retention: 'workqueue' | 'limits';
  /** New messages are refused beyond this (bytes), so that the producer says 503 instead of losing. */
  maxBytes: number;
  /** Days; 0 keeps for ever. */
  maxAgeDays: number;
  producer: string;
  purpose: string;
}

const GIB = 1024 ** 3;

export const STREAMS = {
  EVENTS: {
    name: 'EVENTS',
    subjects: ['events.>'],
    retention: 'workqueue',
    maxBytes: 2 * GIB,
    maxAgeDays: 0,
    producer: 'ingestors',
    purpose: 'accepted events that are not routed yet',
  },
  DELIVERIES: {
    name: 'DELIVERIES',
    subjects: ['deliveries.>'],
    retention: 'workqueue',
    maxBytes: 2 * GIB,
    maxAgeDays: 0,
    producer: 'router',
    purpose: 'routed events whose matches are neither claimed nor parked yet',
  },
  PARKED: {
    name: 'PARKED',
    subjects: ['parked.*'],
    retention: 'workqueue',
    maxBytes: 2 * GIB,
    maxAgeDays: 0,
    producer: 'delivery-worker',
    purpose: 'matches that wait, unclaimed, for a free slot of their endpoint',
  },
  OUTCOMES: {
    name: 'OUTCOMES',
    subjects: ['outcomes.>'],
    retention: 'workqueue',
    maxBytes: 2 * GIB,
    maxAgeDays: 0,
    producer: 'delivery-worker, router',
    purpose: 'what became of deliveries, and events without a match, until they are in the log',
  },
  DEAD_LETTERS: {
    name: 'DEAD_LETTERS',
    subjects: ['dead.>'],
    retention: 'limits',
    maxBytes: GIB / 4,
    maxAgeDays: 0,
    producer: 'every consumer',
    purpose: 'messages that could not be processed, with the reason',
  },
} as const satisfies Record<string, StreamSpec>;

export type StreamName = keyof typeof STREAMS;

export interface ConsumerSpec {
  stream: StreamName;
  /** Durable name, shared by the copies of the service. */
  name: string;
  filter: string;
  /** Unacknowledged messages at a time, over all copies. */
  maxAckPending: number;
}

/** The durable consumers; those of PARKED are made per endpoint, when something is parked. */
export const CONSUMERS = {
  router: { stream: 'EVENTS', name: 'router', filter: 'events.>', maxAckPending: 2_000 },
  deliveryWorker: {
    stream: 'DELIVERIES',
    name: 'delivery-worker',
    filter: 'deliveries.>',
    maxAckPending: 2_000,
  },
  logService: { stream: 'OUTCOMES', name: 'log-service', filter: 'outcomes.>', maxAckPending: 2_000 },
} as const satisfies Record<string, ConsumerSpec>;

/** Durable name of the consumer that drains one endpoint's parked matches. */
export const parkedConsumer = (endpointId: string) => `parked-${endpointId}`;

export interface BucketSpec {
  name: string;
  /** Seconds after which a key is forgotten; 0 keeps it. */
  ttlSeconds: number;
  purpose: string;
}

/** Key-value buckets. */
export const BUCKETS = {
  directory: { name: 'directory', ttlSeconds: 0, purpose: 'devices and endpoints for routers and workers' },
  credentials: { name: 'credentials', ttlSeconds: 0, purpose: 'sealed provider credentials, per channel' },
  channels: { name: 'channels', ttlSeconds: 0, purpose: 'descriptors that the channels announce' },
  deviceHealth: {
    name: 'device-health',
    ttlSeconds: 0,
    purpose: 'health of connections, written by ingestors',
  },
  firstSeen: {
    name: 'first-seen',
    ttlSeconds: 20 * 60,
    purpose: 'event ids of provider calls that carry neither a message id nor a time',
  },
  leases: { name: 'leases', ttlSeconds: 15, purpose: 'one copy at a time: pollers, closing, retention' },
} as const satisfies Record<string, BucketSpec>;
