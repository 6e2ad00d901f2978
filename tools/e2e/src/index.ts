export * from './provider-requests.js';
export * from './sink.js';
export * from './stack-client.js';
