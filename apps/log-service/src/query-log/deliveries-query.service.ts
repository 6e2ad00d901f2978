import { Injectable, NotFoundException } from '@nestjs/common';
import type { DeliveryDetail, DeliverySummary, Page } from '@kirisan/log-client';
import { CatalogRepository } from '../storage/catalog.repository.js';
import { deliveryResults, RESULTS_PER_KIND } from '../storage/facet.js';
import {
  type DeliveryRow,
  DELIVERY_COLUMNS,
  deliveryDetail,
  deliverySummary,
  openDetail,
} from './delivery-answer.js';
import { deviceFilter } from './device-filter.js';
import type { ListDeliveriesDto } from './list-deliveries.dto.js';
import { LogRepository } from './log.repository.js';
import { asConditions, type Lead, matchingKinds, type SearchPlan, stretchOf } from './search-plan.js';
import { SearchRepository } from './search.repository.js';
import type { SearchTable } from './search-query.js';

const DELIVERIES: SearchTable = { name: 'deliveries', time: 'claimed_at', columns: DELIVERY_COLUMNS };

/** Finds deliveries. */
@Injectable()
export class DeliveriesQueryService {
  constructor(
    private readonly search: SearchRepository,
    private readonly catalog: CatalogRepository,
    private readonly log: LogRepository,
  ) {}

  /** Final rows; one that is still open has no outcome to be filtered by. */
  async list(query: ListDeliveriesDto): Promise<Page<DeliverySummary>> {
    const plan = await this.plan(query);
    const { rows, nextCursor } = await this.search.search<DeliveryRow & { at: Date }>(DELIVERIES, plan);
    return { items: rows.map(deliverySummary), nextCursor };
  }

  /** Throws `NotFoundException`. */
  async get(id: string): Promise<DeliveryDetail> {
    const final = await this.log.delivery(id);
    if (final) return deliveryDetail(final, await this.log.payload(final.eventId));
    const open = await this.log.openDelivery(id);
    if (open) return openDetail(open, await this.log.payload(open.eventId));
    // It may have become final between the two looks.
    const late = await this.log.delivery(id);
    if (late) return deliveryDetail(late, await this.log.payload(late.eventId));
    throw new NotFoundException(`there is no delivery ${id} in the log`);
  }

  private async plan(query: ListDeliveriesDto): Promise<SearchPlan> {
    const { endpointId, eventId } = query;
    const { lead: device, rest } = await deviceFilter(this.catalog, query);
    const endpoint: Lead | undefined = endpointId
      ? { column: 'endpoint_id', values: [endpointId] }
      : undefined;
    const facets = await this.facets(query, device !== undefined || endpoint !== undefined);
    if (eventId !== undefined) {
      const others = [...asConditions(device, facets), ...asConditions(endpoint, undefined), ...rest];
      return { ...stretchOf(query), keys: await this.log.keysOfEvent(eventId), rest: others };
    }
    // A device has few endpoints, an endpoint may have many devices.
    const others = device ? asConditions(endpoint, undefined) : [];
    return { ...stretchOf(query), lead: device ?? endpoint, facets, rest: [...rest, ...others] };
  }

  /** Needed where an index leads with a device or endpoint, and goes on with the facet; else only if they narrow. */
  private async facets(query: ListDeliveriesDto, needed: boolean): Promise<number[] | undefined> {
    const { event, channel, production, status, verdict } = query;
    if (!needed && production === 'any' && !event && !channel && !status && !verdict) return undefined;
    const results = deliveryResults(status, verdict);
    const kinds = matchingKinds(await this.catalog.kinds(), query);
    return kinds.flatMap(({ id }) => results.map((result) => id * RESULTS_PER_KIND + result));
  }
}
