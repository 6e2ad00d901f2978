export { GuardedConnector, type ConnectTimings, type GuardedConnectorOptions } from './guarded-connector.js';
export type { NameResolverOptions } from './name-resolver.js';
export {
  OUTBOUND_MESSAGES,
  OutboundError,
  type OutboundErrorCode,
  TargetNotAllowedError,
  TargetPolicyError,
} from './outbound.errors.js';
export type { ResponseEnd, SendRequest, SendResult } from './send-result.js';
export { Sender, type SenderOptions, type SenderStats } from './sender.js';
export { MAX_URL_LENGTH, type Target, TargetGuard } from './target-guard.js';
export type { TargetPolicy } from './target-policy.js';
