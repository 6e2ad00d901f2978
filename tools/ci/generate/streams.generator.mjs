import { BUCKETS, CONSUMERS, serviceAccess, STREAMS, SUBJECTS } from '../../../libs/contracts/dist/index.js';
import { discoverServices } from '../../local-stack/dist/index.js';
import { bytes, code, page, table } from './markdown.mjs';

/** The table of streams, consumers, subjects and buckets as a page. */
export function generate(root) {
  const services = discoverServices(root).map(({ name }) => ({ name, access: serviceAccess(name) }));
  const text = page(
    'Streams, subjects and buckets',
    'What travels on NATS, who sends it and who takes it. The table in `libs/contracts/src/streams.ts` is the source; the migration applies it.',
    '## Streams\n\nNew messages are refused when a stream is full (`discard: new`), so that the sender says so instead of losing something.',
    table(
      ['stream', 'subjects', 'holds', 'producer', 'retention', 'at most', 'age'],
      Object.values(STREAMS).map((stream) => [
        code(stream.name),
        stream.subjects.map(code).join(', '),
        stream.purpose,
        stream.producer,
        stream.retention === 'workqueue' ? 'until acknowledged' : 'until removed',
        bytes(stream.maxBytes),
        stream.maxAgeDays ? `${stream.maxAgeDays} days` : 'no limit',
      ]),
    ),
    '## Consumers\n\nDurable, with explicit acknowledgement and without a limit of tries. Beside these the delivery worker makes one for each endpoint that has parked matches.',
    table(
      ['consumer', 'stream', 'filter', 'unacknowledged at most'],
      Object.values(CONSUMERS).map(({ name, stream, filter, maxAckPending }) => [
        code(name),
        code(stream),
        code(filter),
        maxAckPending,
      ]),
    ),
    '## Subjects',
    table(
      ['subject', 'published by', 'served by, or stored in'],
      Object.values(SUBJECTS).flatMap((subject) => subjectRows(subject, services)),
    ),
    '## Buckets',
    table(
      ['bucket', 'holds', 'a key is kept', 'written by', 'read by'],
      Object.values(BUCKETS).map(({ name, purpose, ttlSeconds }) => [
        code(name),
        purpose,
        ttlSeconds ? `${ttlSeconds} s` : 'until removed',
        using(services, ['writes'], name),
        using(services, ['reads', 'gets'], name),
      ]),
    ),
  );
  return { 'docs/reference/streams.md': text };
}

function subjectRows(subject, services) {
  if (typeof subject === 'string') return [row(subject, (published) => published === subject, services)];
  const shape = subject('*').toLowerCase();
  return [row(shape, (published) => matches(shape, published), services)];
}

function row(shape, isIt, services) {
  const by = (field) =>
    services
      .filter(({ access }) => access[field].some(isIt))
      .map(({ name }) => code(name))
      .join(', ');
  const stream = Object.values(STREAMS).find(({ subjects }) =>
    subjects.some((subject) => matches(subject, shape)),
  );
  return [code(shape), by('publishes'), by('serves') || (stream ? code(stream.name) : '')];
}

function using(services, fields, bucket) {
  return services
    .filter(({ access }) => fields.some((field) => access[field].some((use) => use.bucket === bucket)))
    .map(({ name }) => code(name))
    .join(', ');
}

function matches(pattern, subject) {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  return given.every((token, index) =>
    ['*', '>', token].includes(wanted[Math.min(index, wanted.length - 1)]),
  );
}
