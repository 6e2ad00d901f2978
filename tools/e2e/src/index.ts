export * from './failpoints.js';
export * from './ledger.js';
export * from './promises.js';
export * from './provider-requests.js';
export * from './sink.js';
export * from './stack-client.js';
export * from './test-bed.js';
export * from './workload.js';
