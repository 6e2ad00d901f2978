import { parseArgs } from 'node:util';
import { HttpException } from '@nestjs/common';
import { connectNats, Messaging } from '@kirisan/messaging';
import { errorText, loadConfig } from '@kirisan/service';
import { LedgerRepository } from './ledger/ledger.repository.js';
import { LedgerService } from './ledger/ledger.service.js';
import { ledgerText } from './ledger/ledger-text.js';
import { WaitingMatchesService } from './ledger/waiting-matches.service.js';
import { LogServiceConfig } from './log-service.config.js';
import { parseTime } from './query-log/time-parameter.js';
import { makeDataSource } from './storage/data-source.js';
import { PartitionRepository } from './storage/partition.repository.js';
import { StreamStore } from './streams/stream-store.client.js';

const NATS_PATIENCE_MS = 30_000;
const UNBALANCED = 1;
const FAILED = 2;

/** Prints the ledger of a span; ends with 1 if it does not balance and with 2 if it could not be computed. */
async function printLedger(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } });
  for (const [name, text] of Object.entries(values)) {
    if (parseTime(text) === undefined)
      throw new Error(`--${name}: must be ISO 8601, Unix seconds or milliseconds`);
  }
  const config = loadConfig(LogServiceConfig);
  const dataSource = await makeDataSource({
    url: config.databaseUrl,
    poolSize: 1,
    statementTimeoutMs: config.ledgerTimeoutMs,
  }).initialize();
  const patience = setTimeout(() => fail('NATS did not become reachable'), NATS_PATIENCE_MS);
  const messaging = new Messaging(await connectNats(config));
  clearTimeout(patience);
  const service = new LedgerService(
    new LedgerRepository(dataSource, config),
    new WaitingMatchesService(new StreamStore(messaging)),
    new PartitionRepository(dataSource),
    config,
  );
  const ledger = await service.ledger(values);
  process.stdout.write(ledgerText(ledger));
  if (!ledger.balanced) process.exitCode = UNBALANCED;
  await Promise.all([messaging.close(), dataSource.destroy()]);
}

function fail(reason: string): never {
  process.stderr.write(`the ledger could not be computed: ${reason}\n`);
  process.exit(FAILED);
}

await printLedger().catch((error: unknown) =>
  fail(error instanceof HttpException ? error.message : errorText(error)),
);
