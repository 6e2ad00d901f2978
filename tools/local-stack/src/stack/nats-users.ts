import { natsPermissions } from '@kirisan/contracts';
import type { NatsUser } from '../servers/nats-config.js';

/** One NATS user for each service, with the rights that the contracts give it. */
export function natsUsers(services: readonly string[], passwordOf: (service: string) => string): NatsUser[] {
  return services.map((service) => ({
    user: service,
    password: passwordOf(service),
    ...natsPermissions(service),
    allowResponses: true,
  }));
}
