export * from './keys.js';
export * from './readers.js';
export { BucketWatch, type BucketWatchOptions, type Change } from './watch/bucket-watch.js';
export { BucketWriter, RevisionConflictError, type StoredKey } from './write/bucket-writer.js';
export { Directory, type EndpointChange, openSecret } from './lookup/directory.js';
export { DirectoryModule } from './lookup/directory.module.js';
