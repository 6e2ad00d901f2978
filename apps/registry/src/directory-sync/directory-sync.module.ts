import { Global, Module } from '@nestjs/common';
import { BucketWriters } from './bucket-writers.js';
import { DesiredStateRepository } from './desired-state.repository.js';
import { DirectoryPublisher } from './directory.publisher.js';
import { OutboxRepository } from './outbox.repository.js';
import { Reconciler } from './reconciler.js';

/** Keeps the buckets equal to the tables. */
@Global()
@Module({
  providers: [BucketWriters, DesiredStateRepository, DirectoryPublisher, OutboxRepository, Reconciler],
  exports: [DirectoryPublisher, OutboxRepository],
})
export class DirectorySyncModule {}
