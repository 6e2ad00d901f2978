import type { Provider } from '@nestjs/common';
import { TargetGuard } from '@kirisan/outbound';
import { RegistryConfig } from '../registry.config.js';

/** The same guard that stands before every POST, asked when a URL is saved. */
export const targetGuardProvider: Provider = {
  provide: TargetGuard,
  useFactory: ({ allowHttp, targetAllow, targetPorts }: RegistryConfig) => {
    const ports = targetPorts.length > 0 ? targetPorts.map(Number) : undefined;
    return new TargetGuard({ allowHttp, allow: targetAllow, ports });
  },
  inject: [RegistryConfig],
};
