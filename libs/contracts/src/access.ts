import { BUCKETS, CONSUMERS, type ConsumerSpec, REQUEUE_SUBJECTS, STREAMS, SUBJECTS } from './streams.js';

/** What one service does on NATS: the source of its user's permissions. */
export interface ServiceAccess {
  /** Subjects it publishes to. */
  publishes: string[];
  /** Durable consumers that it reads from and acknowledges. */
  consumes: ConsumerSpec[];
  /** Buckets that it reads and watches, each limited to keys. */
  reads: { bucket: string; keys: string }[];
  /**
   * Buckets that it gets single keys of. Whoever may watch a bucket can have the server deliver what lies in it to any
   * subject, with the server's rights: so nobody watches without need what he writes himself.
   */
  gets: { bucket: string; keys: string }[];
  /** Buckets that it writes, each limited to keys. */
  writes: { bucket: string; keys: string }[];
  /** Subjects it subscribes to: requests that it answers and signs that it hears. */
  serves: string[];
  /** Raw subjects beyond those, with the reason in the code below. */
  extraPublish?: string[];
}

const none = { publishes: [], consumes: [], reads: [], gets: [], writes: [], serves: [] };
const lease = (scope: string) => ({ bucket: BUCKETS.leases.name, keys: `${scope}.>` });

const SERVICES: Record<string, ServiceAccess> = {
  registry: {
    ...none,
    publishes: [SUBJECTS.test],
    reads: [
      { bucket: BUCKETS.channels.name, keys: '>' },
      { bucket: BUCKETS.deviceHealth.name, keys: '>' },
      { bucket: BUCKETS.directory.name, keys: '>' },
      { bucket: BUCKETS.credentials.name, keys: '>' },
    ],
    gets: [lease('registry')],
    writes: [
      { bucket: BUCKETS.directory.name, keys: '>' },
      { bucket: BUCKETS.credentials.name, keys: '>' },
      { bucket: BUCKETS.deviceHealth.name, keys: '>' },
      lease('registry'),
    ],
    serves: [SUBJECTS.activate],
  },
  router: {
    ...none,
    publishes: [SUBJECTS.routed, SUBJECTS.unmatched, SUBJECTS.activate, SUBJECTS.deadLetter('EVENTS')],
    consumes: [CONSUMERS.router],
    reads: [
      { bucket: BUCKETS.directory.name, keys: '>' },
      { bucket: BUCKETS.channels.name, keys: '>' },
    ],
  },
  'delivery-worker': {
    ...none,
    publishes: [
      SUBJECTS.parked('*'),
      SUBJECTS.outcome,
      SUBJECTS.claim,
      SUBJECTS.heartbeat,
      SUBJECTS.deadLetter('DELIVERIES'),
      SUBJECTS.deadLetter('PARKED'),
    ],
    consumes: [CONSUMERS.deliveryWorker],
    reads: [{ bucket: BUCKETS.directory.name, keys: '>' }],
    serves: [SUBJECTS.test],
    // It makes and removes one consumer for each endpoint with parked matches.
    extraPublish: [
      '$JS.API.STREAM.INFO.PARKED',
      '$JS.API.CONSUMER.*.PARKED.>',
      '$JS.API.CONSUMER.LIST.PARKED',
      '$JS.API.CONSUMER.NAMES.PARKED',
      '$JS.API.CONSUMER.MSG.NEXT.PARKED.>',
      '$JS.ACK.PARKED.>',
    ],
  },
  'log-service': {
    ...none,
    // It sends dead letters again to where they came from.
    publishes: [SUBJECTS.deadLetter('OUTCOMES'), ...REQUEUE_SUBJECTS],
    consumes: [CONSUMERS.logService],
    gets: [lease('log-service')],
    writes: [lease('log-service')],
    serves: [SUBJECTS.claim, SUBJECTS.heartbeat],
    // The ledger, the backlog and the closing of interrupted rows look at what still waits; dead letters are removed.
    extraPublish: [
      ...Object.keys(STREAMS).map((name) => `$JS.API.STREAM.INFO.${name}`),
      ...['DELIVERIES', 'PARKED', 'DEAD_LETTERS'].map((name) => `$JS.API.STREAM.MSG.GET.${name}`),
      '$JS.API.STREAM.MSG.DELETE.DEAD_LETTERS',
      '$JS.API.CONSUMER.INFO.*.*',
    ],
  },
};

/** Every channel's app has the same rights, each on its own channel's subjects and keys alone. */
function ingestorAccess(channel: string): ServiceAccess {
  const own = `${channel}.>`;
  return {
    ...none,
    publishes: [SUBJECTS.events(channel)],
    reads: [{ bucket: BUCKETS.credentials.name, keys: own }],
    gets: [
      { bucket: BUCKETS.firstSeen.name, keys: own },
      { bucket: BUCKETS.channels.name, keys: channel },
      lease(channel),
    ],
    writes: [
      { bucket: BUCKETS.channels.name, keys: channel },
      { bucket: BUCKETS.deviceHealth.name, keys: own },
      { bucket: BUCKETS.firstSeen.name, keys: own },
      lease(channel),
    ],
  };
}

const INGESTOR = /^ingestor-([a-z][a-z0-9-]*)$/;

/** What a service may do; `ingestor-<channel>` needs no entry. Throws for a name that is neither. */
export function serviceAccess(service: string): ServiceAccess {
  const channel = INGESTOR.exec(service)?.[1];
  const access = channel ? ingestorAccess(channel) : SERVICES[service];
  if (!access) throw new Error(`no NATS access is defined for the service "${service}"`);
  return access;
}

/** Every reply to a service goes to its own inbox, which no other user may listen to. */
export const inboxPrefix = (service: string) => `_INBOX_${service}`;

/** Permissions of a service's NATS user, as nats-server writes them. */
export interface NatsPermissions {
  publish: string[];
  subscribe: string[];
}

/** Turns what a service does into the subjects that its NATS user may use. */
export function natsPermissions(service: string): NatsPermissions {
  const access = serviceAccess(service);
  const publish = [
    ...access.publishes,
    ...access.consumes.flatMap(consumerSubjects),
    ...[...access.reads, ...access.gets].map(({ bucket, keys }) => getSubject(bucket, keys)),
    ...access.reads.flatMap(({ bucket, keys }) => watchSubjects(bucket, keys)),
    ...access.writes.map(({ bucket, keys }) => `$KV.${bucket}.${keys}`),
    ...(access.extraPublish ?? []),
    '$JS.API.INFO',
  ];
  return {
    publish: [...new Set(publish)],
    subscribe: [`${inboxPrefix(service)}.>`, ...access.serves],
  };
}

/** Whoever reads a consumer also makes it again when it is gone or has run ahead of its stream: this one, and no other. */
function consumerSubjects({ stream, name, filter }: ConsumerSpec): string[] {
  return [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${name}.${filter}`,
    `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    `$JS.ACK.${stream}.${name}.>`,
  ];
}

const getSubject = (bucket: string, keys: string) => `$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.${keys}`;

/** A watch is a consumer whose filter is part of the subject, so that nobody can watch other keys. */
function watchSubjects(bucket: string, keys: string): string[] {
  const stream = `KV_${bucket}`;
  return [`$JS.API.CONSUMER.CREATE.${stream}.*.$KV.${bucket}.${keys}`, `$JS.FC.${stream}.>`];
}
