export { describeChannel } from './describe-channel.js';
export type { ChannelFixture, ConformanceOptions, UnsignedRequest } from './harness.js';
export { payloadProblems } from './payload-problems.js';
export { ChannelApp, type Post } from './channel-app.js';
