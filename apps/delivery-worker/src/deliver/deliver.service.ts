import { Injectable } from '@nestjs/common';
import { failpoint, PermanentError } from '@kirisan/service';
import { ParkingClient } from '../parked/parking.client.js';
import { ClaimsClient, MAX_MATCHES } from './claims.client.js';
import { EndpointLanes } from './endpoint-lanes.js';
import { KnownEndpoints } from './known-endpoints.js';
import { type Match, matchOf, type RoutedEvent } from './match.js';
import { PostService } from './post.service.js';

/** Gets every match of routed events claimed and under way, or parked. */
@Injectable()
export class DeliverService {
  constructor(
    private readonly endpoints: KnownEndpoints,
    private readonly lanes: EndpointLanes,
    private readonly claims: ClaimsClient,
    private readonly parking: ParkingClient,
    private readonly posts: PostService,
  ) {}

  /**
   * Resolves when every match is claimed or parked; the POSTs go on. Throws `TransientError` if one could not be parked,
   * `PermanentError` if one can not be recorded: the others are claimed or parked all the same.
   */
  async deliver(events: RoutedEvent[]): Promise<void> {
    let revision = 0;
    for (const { facts } of events) revision = Math.max(revision, facts.directoryRevision);
    await this.endpoints.seen(revision);
    const work: Promise<void>[] = [];
    for (const event of events) this.place(event, work);
    await allDone(work);
  }

  /** Claims matches that hold their slots and starts what was granted. Throws `PermanentError`. */
  async claim(event: RoutedEvent, matches: Match[]): Promise<void> {
    const { granted, lost, refused } = await this.claims.claim(event, matches);
    if (granted.length > 0) failpoint('worker.claimed');
    for (const one of granted) this.posts.start(one);
    for (const { lane } of lost) if (lane) this.lanes.release(lane);
    if (refused !== undefined) throw new PermanentError(`the log refuses the record: ${refused}`);
  }

  /** What can go now is claimed at once, whatever the other matches of the event have to wait for. */
  private place(event: RoutedEvent, work: Promise<void>[]): void {
    const now: Match[] = [];
    for (const endpointId of event.facts.endpointIds) {
      const lane = this.lanes.of(endpointId);
      const admission = this.lanes.admit(lane);
      if (admission === 'park') work.push(this.parking.park(event, endpointId));
      else if (admission === 'wait') work.push(this.wait({ ...matchOf(event, endpointId), lane }));
      else now.push({ ...matchOf(event, endpointId), lane });
    }
    // The first request registers the event, even if nothing is claimed yet.
    for (let from = 0; from === 0 || from < now.length; from += MAX_MATCHES) {
      work.push(this.claim(event, now.slice(from, from + MAX_MATCHES)));
    }
  }

  private async wait(match: Match): Promise<void> {
    if (await this.lanes.wait(match.lane!)) await this.claim(match.event, [match]);
    else await this.parking.park(match.event, match.endpointId);
  }
}

/** Waits for all, then throws the first error if there is one. */
async function allDone(work: Promise<void>[]): Promise<void> {
  if (work.length === 1) return work[0];
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
