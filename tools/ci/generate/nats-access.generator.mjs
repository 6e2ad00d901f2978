import { inboxPrefix, natsPermissions, serviceAccess } from '../../../libs/contracts/dist/index.js';
import { discoverServices } from '../../local-stack/dist/index.js';
import { code, page, table } from './markdown.mjs';

/** What each service may do on NATS, as a page. */
export function generate(root) {
  const sections = discoverServices(root).map(({ name }) => section(name));
  const text = page(
    'Rights on NATS',
    'Every service has a user of its own on NATS, named like it, with the rights below and no more: what one has been robbed of does not open the work of another. Two limits of this: whoever may make a consumer can have the server deliver what he wrote to any subject (so services watch nothing that they write, and requests that no client sent are not handled; the registry, which watches its own buckets, and the delivery worker, which parks, remain), and the log service may publish to every stream because it sends dead letters again. `libs/contracts/src/access.ts` is the source of this page and of `deploy/nats.conf`.',
    ...sections,
  );
  return { 'docs/reference/nats-access.md': text };
}

function section(name) {
  const { publishes, consumes, reads, gets, writes, serves } = serviceAccess(name);
  const keys = (list) => list.map(({ bucket, keys }) => code(`${bucket}: ${keys}`)).join(', ');
  const rows = [
    ['publishes', publishes.map(code).join(', ')],
    ['consumes', consumes.map((consumer) => code(`${consumer.stream}/${consumer.name}`)).join(', ')],
    ['reads and watches keys', keys(reads)],
    ['gets keys one by one', keys(gets)],
    ['writes keys', keys(writes)],
    ['serves', serves.map(code).join(', ')],
  ].filter(([, what]) => what);
  const { publish } = natsPermissions(name);
  const raw = publish.filter((subject) => subject.startsWith('$')).map(code);
  return [
    `## ${name}`,
    table(['right', 'on'], rows),
    `Answers come to ${code(`${inboxPrefix(name)}.>`)}. In subjects of JetStream: ${raw.join(', ')}.`,
  ].join('\n\n');
}
