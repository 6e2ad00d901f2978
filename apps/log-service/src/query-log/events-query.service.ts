import { Injectable, NotFoundException } from '@nestjs/common';
import { matchId } from '@kirisan/contracts';
import type { EventDetail, EventMatch, EventSummary, Page } from '@kirisan/log-client';
import { CatalogRepository } from '../storage/catalog.repository.js';
import { eventResults, REASONS_PER_KIND } from '../storage/facet.js';
import { deliverySummary, openSummary } from './delivery-answer.js';
import { deviceFilter } from './device-filter.js';
import { EVENT_COLUMNS, type EventRow, eventSummary } from './event-answer.js';
import type { ListEventsDto } from './list-events.dto.js';
import { type EventRecord, LogRepository } from './log.repository.js';
import { asConditions, type Lead, matchingKinds, type SearchPlan, stretchOf } from './search-plan.js';
import type { SearchTable } from './search-query.js';
import { SearchRepository } from './search.repository.js';

const EVENTS: SearchTable = { name: 'events', time: 'registered_at', columns: EVENT_COLUMNS };

/** Finds accepted events: "my message came, why no webhook?" */
@Injectable()
export class EventsQueryService {
  constructor(
    private readonly search: SearchRepository,
    private readonly catalog: CatalogRepository,
    private readonly log: LogRepository,
  ) {}

  async list(query: ListEventsDto): Promise<Page<EventSummary>> {
    const plan = await this.plan(query);
    const { rows, nextCursor } = await this.search.search<EventRow & { at: Date }>(EVENTS, plan);
    return { items: rows.map(eventSummary), nextCursor };
  }

  /** Throws `NotFoundException`. */
  async get(id: string): Promise<EventDetail> {
    const record = await this.log.event(id);
    if (!record) throw new NotFoundException(`there is no event ${id} in the log`);
    const { event, registration } = record;
    return {
      ...eventSummary({ ...event, matchCount: registration.endpointIds.length }),
      payload: event.payload,
      matches: registration.endpointIds.map((endpointId) => matchOf(record, endpointId)),
    };
  }

  private async plan(query: ListEventsDto): Promise<SearchPlan> {
    const { lead: device, rest } = await deviceFilter(this.catalog, query);
    const facets = await this.facets(query);
    if (query.sender === undefined) return { ...stretchOf(query), lead: device, facets, rest };
    // Its index goes on with the time: one person's events are few enough to look at each.
    const sender: Lead = { column: 'sender', values: [query.sender] };
    return { ...stretchOf(query), lead: sender, rest: [...asConditions(device, facets), ...rest] };
  }

  private async facets(query: ListEventsDto): Promise<number[]> {
    const matched = query.matched === undefined ? undefined : query.matched === 'true';
    const results = eventResults(matched, query.reason);
    const kinds = matchingKinds(await this.catalog.kinds(), query);
    return kinds.flatMap(({ id }) => results.map((result) => id * REASONS_PER_KIND + result));
  }
}

function matchOf({ registration, claimed, open, final }: EventRecord, endpointId: string): EventMatch {
  const match = matchId(registration.eventId, endpointId);
  const done = final.filter((row) => row.matchId === match);
  const doneIds = new Set(done.map(({ id }) => id));
  const waiting = open.filter((row) => row.matchId === match && !doneIds.has(row.id));
  return {
    matchId: match,
    endpointId,
    state: stateOf(
      match,
      claimed,
      doneIds,
      waiting.map(({ id }) => id),
    ),
    deliveries: [...done.map(deliverySummary), ...waiting.map(openSummary)].sort((a, b) =>
      a.createdAt.localeCompare(b.createdAt),
    ),
  };
}

/** Of the automatic delivery; resends do not change what became of it. */
function stateOf(
  match: string,
  claimed: Set<string>,
  done: Set<string>,
  open: string[],
): EventMatch['state'] {
  if (done.has(match)) return 'final';
  if (open.includes(match)) return 'open';
  return claimed.has(match) ? 'gone' : 'waiting';
}
