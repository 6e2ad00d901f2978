import { Injectable } from '@nestjs/common';

/** `true` when fine, else what is wrong. */
export type HealthCheck = () => true | string;

export interface Readiness {
  ready: boolean;
  /** What is wrong, by the name of the check. */
  problems: Record<string, string>;
}

/** The readiness of a service: named checks that its parts register and that cost nothing to ask. */
@Injectable()
export class Health {
  private readonly checks = new Map<string, HealthCheck>();

  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  readiness(): Readiness {
    const problems: Record<string, string> = {};
    for (const [name, check] of this.checks) {
      const result = check();
      if (result !== true) problems[name] = result;
    }
    return { ready: Object.keys(problems).length === 0, problems };
  }
}
