import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKETS, CONSUMERS, inboxPrefix, STREAMS, SUBJECTS } from '@kirisan/contracts';
import { discoverServices, type NatsServer, natsUsers, startTestNats } from '@kirisan/local-stack';
import { applyTopology, connectNats, Messaging } from '@kirisan/messaging';

/** Every service of this checkout: a new one has no rights until it stands here. */
const SERVICES = discoverServices().map(({ name }) => name);
const INGESTORS = SERVICES.filter((name) => name.startsWith('ingestor-'));
const ADMIN = { user: 'admin', password: 'admin' };

type Rights = Record<string, string[]>;
const each = <T>(items: readonly T[], rights: (item: T) => Rights): Rights =>
  Object.assign({}, ...items.map(rights)) as Rights;
const channelOf = (ingestor: string) => ingestor.replace('ingestor-', '');

/** Who may publish what: the whole truth about these subjects, whatever the permissions are made from. */
const PUBLISH: Rights = {
  ...each(INGESTORS, (ingestor) => {
    const channel = channelOf(ingestor);
    return {
      [SUBJECTS.events(channel)]: [ingestor, 'log-service'],
      [`$KV.credentials.${channel}.x`]: ['registry'],
      [`$KV.channels.${channel}`]: [ingestor],
      [`$KV.device-health.${channel}.x`]: ['registry', ingestor],
      [`$KV.first-seen.${channel}.x`]: [ingestor],
      [`$KV.leases.${channel}.x`]: [ingestor],
      [`$JS.API.DIRECT.GET.KV_credentials.$KV.credentials.${channel}.x`]: ['registry', ingestor],
      [`$JS.API.CONSUMER.CREATE.KV_credentials.t.$KV.credentials.${channel}.>`]: ['registry', ingestor],
      // Who watches can have the server deliver to any subject: so nobody watches what he writes.
      [`$JS.API.CONSUMER.CREATE.KV_first-seen.t.$KV.first-seen.${channel}.>`]: [],
      [`$JS.API.CONSUMER.CREATE.KV_leases.t.$KV.leases.${channel}.>`]: [],
      [`$JS.API.CONSUMER.CREATE.KV_channels.t.$KV.channels.${channel}`]: ['registry', 'router'],
    };
  }),
  [SUBJECTS.routed]: ['router', 'log-service'],
  [SUBJECTS.parked('x')]: ['delivery-worker', 'log-service'],
  [SUBJECTS.outcome]: ['delivery-worker'],
  [SUBJECTS.unmatched]: ['router'],
  [SUBJECTS.claim]: ['delivery-worker'],
  [SUBJECTS.heartbeat]: ['delivery-worker'],
  [SUBJECTS.test]: ['registry'],
  [SUBJECTS.activate]: ['router'],
  [SUBJECTS.deadLetter('EVENTS')]: ['router'],
  [SUBJECTS.deadLetter('DELIVERIES')]: ['delivery-worker'],
  [SUBJECTS.deadLetter('PARKED')]: ['delivery-worker'],
  [SUBJECTS.deadLetter('OUTCOMES')]: ['log-service'],
  '$KV.directory.endpoint.x': ['registry'],
  '$KV.leases.registry.x': ['registry'],
  '$KV.leases.log-service.x': ['log-service'],
  '$JS.API.DIRECT.GET.KV_directory.$KV.directory.endpoint.x': ['registry', 'router', 'delivery-worker'],
  '$JS.API.CONSUMER.CREATE.KV_credentials.t.$KV.credentials.>': ['registry'],
  '$JS.API.CONSUMER.CREATE.KV_credentials.t': [],
  '$JS.API.CONSUMER.CREATE.KV_credentials': [],
  '$JS.API.CONSUMER.DURABLE.CREATE.KV_credentials.t': [],
  ...each(Object.values(CONSUMERS), ({ stream, name, filter }) => ({
    [`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`]: [name],
    [`$JS.ACK.${stream}.${name}.1.1.1.1.0`]: [name],
    // Each makes his own anew when it is gone.
    [`$JS.API.CONSUMER.DELETE.${stream}.${name}`]: [name],
    [`$JS.API.CONSUMER.CREATE.${stream}.${name}.${filter}`]: [name],
    [`$JS.API.CONSUMER.CREATE.${stream}.${name}`]: [],
    [`$JS.API.CONSUMER.PAUSE.${stream}.${name}`]: [],
  })),
  ...each(Object.keys(STREAMS), (stream) => {
    const ofWorker = stream === 'PARKED' ? ['delivery-worker'] : [];
    return {
      [`$JS.API.CONSUMER.CREATE.${stream}.t`]: ofWorker,
      [`$JS.API.CONSUMER.CREATE.${stream}.t.x`]: ofWorker,
      [`$JS.API.CONSUMER.DURABLE.CREATE.${stream}.t`]: [],
      [`$JS.API.CONSUMER.MSG.NEXT.${stream}.t`]: ofWorker,
      [`$JS.API.DIRECT.GET.${stream}`]: [],
    };
  }),
  ...each([...Object.keys(STREAMS), ...Object.values(BUCKETS).map(({ name }) => `KV_${name}`)], (stream) => ({
    [`$JS.API.STREAM.CREATE.${stream}`]: [],
    [`$JS.API.STREAM.UPDATE.${stream}`]: [],
    [`$JS.API.STREAM.DELETE.${stream}`]: [],
    [`$JS.API.STREAM.PURGE.${stream}`]: [],
    [`$JS.API.STREAM.SNAPSHOT.${stream}`]: [],
    [`$JS.API.STREAM.RESTORE.${stream}`]: [],
    [`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`]: [],
  })),
  ...each(['EVENTS', 'OUTCOMES', 'KV_credentials', 'KV_directory'], (stream) => ({
    [`$JS.API.STREAM.MSG.GET.${stream}`]: [],
    [`$JS.API.STREAM.MSG.DELETE.${stream}`]: [],
  })),
  // A forged reply would answer somebody else's claim.
  ...each(SERVICES, (service) => ({ [`${inboxPrefix(service)}.forged`]: [] })),
  '_INBOX.forged': [],
  '$SYS.REQ.SERVER.PING': [],
  '$JS.API.STREAM.CREATE.THEFT': [],
  'anything.else': [],
};

/** Who may hear what. */
const SUBSCRIBE: Rights = {
  [SUBJECTS.claim]: ['log-service'],
  [SUBJECTS.heartbeat]: ['log-service'],
  [SUBJECTS.test]: ['delivery-worker'],
  [SUBJECTS.activate]: ['registry'],
  ...each(SERVICES, (service) => ({
    [`${inboxPrefix(service)}.x.y`]: [service],
    [`${inboxPrefix(service)}.>`]: [service],
  })),
  ...each(
    ['>', '*', '*.>', '_INBOX.>', '$JS.>', '$KV.>', '$SYS.>', 'events.>', 'dead.>', 'outcomes.>'],
    (subject) => ({
      [subject]: [],
    }),
  ),
  [SUBJECTS.routed]: [],
  [SUBJECTS.parked('*')]: [],
  '$KV.credentials.waba.>': [],
  '$JS.EVENT.>': [],
};

let server: NatsServer;
let admin: Messaging;
const open: Messaging[] = [];

async function connectAs(user: string): Promise<Messaging> {
  const natsUrl = server.url.replace(/\/\/.*@/, '//');
  const messaging = new Messaging(await connectNats({ natsUrl, natsUser: user, natsPassword: user }));
  open.push(messaging);
  return messaging;
}

/** Subjects that the server refuses to this connection from now on. */
function refusals({ nc }: Messaging): Set<string> {
  const refused = new Set<string>();
  void (async () => {
    for await (const status of nc.status()) {
      const subject = /to "([^"]+)"/.exec(JSON.stringify(status, errorsToo).replaceAll('\\"', '"'))?.[1];
      if (subject) refused.add(subject);
    }
  })();
  return refused;
}

const errorsToo = (_key: string, value: unknown) => (value instanceof Error ? value.message : value);

async function settle({ nc }: Messaging): Promise<void> {
  await nc.flush();
  await sleep(150);
}

beforeAll(async () => {
  server = await startTestNats({ users: [ADMIN, ...natsUsers(SERVICES, (name) => name)] });
  admin = await connectAs('admin');
  await applyTopology(admin, { replicas: 1 });
}, 60_000);

afterAll(async () => {
  await Promise.all(open.map((messaging) => messaging.close()));
  await server?.stop();
});

describe.each(SERVICES)('the stolen credential of %s', (service) => {
  const allowed = (rights: Rights) =>
    Object.keys(rights)
      .filter((subject) => rights[subject]!.includes(service))
      .sort();

  it('publishes what is its job, and nothing else', async () => {
    const messaging = await connectAs(service);
    const refused = refusals(messaging);
    for (const subject of Object.keys(PUBLISH)) messaging.nc.publish(subject, 'forged');
    await settle(messaging);
    expect(
      Object.keys(PUBLISH)
        .filter((subject) => !refused.has(subject))
        .sort(),
    ).toEqual(allowed(PUBLISH));
  });

  it('hears what is its job, and nothing else', async () => {
    const messaging = await connectAs(service);
    const heard: string[] = [];
    for (const subject of Object.keys(SUBSCRIBE)) {
      let isRefused = false;
      messaging.nc.subscribe(subject, { callback: (error) => void (isRefused ||= error !== null) });
      await messaging.nc.flush();
      await sleep(5);
      if (!isRefused) heard.push(subject);
    }
    expect(heard.sort()).toEqual(allowed(SUBSCRIBE));
  });
});
