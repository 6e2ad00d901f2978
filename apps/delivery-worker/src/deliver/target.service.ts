import { Injectable, Logger } from '@nestjs/common';
import {
  type ClaimItem,
  deliveryHeaders,
  type EndpointEntry,
  type EndpointStatus,
  MASKED_SECRET,
  SECRET_HEADER,
} from '@kirisan/contracts';
import { openSecret } from '@kirisan/directory';
import { errorText, SecretBox } from '@kirisan/service';
import { DeliveryWorkerConfig } from '../delivery-worker.config.js';
import { KnownEndpoints } from './known-endpoints.js';
import type { Match } from './match.js';
import { type Refusal, REFUSALS } from './refusal.js';

/** Where a match goes if its claim is won, as things are when the claim is asked for. */
export interface Target {
  name: string;
  url: string;
  headers: Record<string, string>;
  /** The same for the log. */
  maskedHeaders: Record<string, string>;
  /** The match is claimed for its row alone. */
  refusal?: Refusal;
}

interface Destination {
  name: string;
  url: string;
  legacySubmission?: boolean;
}

const DAY_MS = 24 * 3_600_000;
const NO_POST: Record<EndpointStatus, Refusal | undefined> = {
  active: undefined,
  paused: REFUSALS.paused,
  pending_test: REFUSALS.pending,
};

/** Decides where a match goes, and whether it goes at all. */
@Injectable()
export class TargetService {
  private readonly logger = new Logger('target');
  private readonly horizonMs: number;

  constructor(
    private readonly endpoints: KnownEndpoints,
    private readonly box: SecretBox,
    private readonly config: DeliveryWorkerConfig,
  ) {
    this.horizonMs = config.claimHorizonDays * DAY_MS;
  }

  targetOf(match: Match): Target {
    if (match.test) return this.testTarget(match);
    const endpoint = this.endpoints.get(match.endpointId);
    if (!endpoint) {
      const known = this.endpoints.getDeleted(match.endpointId);
      return target(match, known ?? { name: '', url: '' }, undefined, REFUSALS.deleted);
    }
    const refusal = NO_POST[endpoint.status] ?? this.lateness(match);
    return this.withSecret(match, endpoint, () => this.endpoints.secretOf(endpoint), refusal);
  }

  private testTarget(match: Match): Target {
    const { id, name, url, sealedSecret, legacySubmission } = match.test!;
    const open = () => openSecret({ id, sealedSecret } as EndpointEntry, this.box);
    return this.withSecret(match, { name, url, legacySubmission }, open, undefined);
  }

  private withSecret(
    match: Match,
    destination: Destination,
    open: () => string | undefined,
    refusal: Refusal | undefined,
  ): Target {
    try {
      return target(match, destination, open(), refusal);
    } catch (error) {
      this.logger.error(
        { endpointId: match.endpointId, error: errorText(error) },
        'a secret is unreadable',
        '',
      );
      return target(match, destination, undefined, refusal ?? REFUSALS.secret);
    }
  }

  private lateness({ event, parkedAt }: Match): Refusal | undefined {
    const now = Date.now();
    if (now - event.facts.acceptedAt > this.horizonMs) return REFUSALS.tooOld;
    if (parkedAt !== undefined && now - parkedAt > this.config.parkedMaxAgeMs) return REFUSALS.expired;
    return undefined;
  }
}

function target(
  { event: { facts }, id }: Match,
  { name, url, legacySubmission = false }: Destination,
  secret: string | undefined,
  refusal: Refusal | undefined,
): Target {
  const { type, deviceToken, production } = facts;
  const headers = deliveryHeaders({ type, deviceToken, matchId: id, production, legacySubmission, secret });
  const maskedHeaders = secret === undefined ? headers : { ...headers, [SECRET_HEADER]: MASKED_SECRET };
  return { name, url, headers, maskedHeaders, ...(refusal && { refusal }) };
}

/** What the log service is told of a match. */
export function claimItem({ id, endpointId }: Match, { name, url, maskedHeaders }: Target): ClaimItem {
  return { id, matchId: id, endpointId, endpointName: name, url, requestHeaders: maskedHeaders };
}
