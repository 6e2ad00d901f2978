import { randomUUID } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import { MASKED_SECRET } from '@kirisan/contracts';
import type { EntityManager } from 'typeorm';
import { endpointKeys } from '../directory-sync/bucket-keys.js';
import { DirectoryPublisher } from '../directory-sync/directory.publisher.js';
import { OutboxRepository } from '../directory-sync/outbox.repository.js';
import { type Page, positionOf, toPage } from '../http/paging.js';
import { Database } from '../storage/database.js';
import { EndpointEntity } from '../storage/endpoint.entity.js';
import { readEvents, writeEvents } from './endpoint-events.js';
import { EndpointRules } from './endpoint-rules.js';
import { changeUrl, pause, resume, setStatus } from './endpoint-status.js';
import type { CreateEndpointDto, EndpointQuery, EndpointView, UpdateEndpointDto } from './endpoint.dto.js';
import { EndpointRepository } from './endpoint.repository.js';

/** How long an answer waits for its change to be visible to routers; it becomes so in any case. */
const PUBLISH_WAIT_MS = 500;

interface Saved {
  endpoint: EndpointEntity;
  deviceIds: string[];
}

/** Endpoints: what may be said of them, and that every change reaches routers and workers. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly database: Database,
    private readonly endpoints: EndpointRepository,
    private readonly rules: EndpointRules,
    private readonly outbox: OutboxRepository,
    private readonly publisher: DirectoryPublisher,
  ) {}

  async list({ limit, cursor, ...filter }: EndpointQuery): Promise<Page<EndpointView>> {
    const before = positionOf(cursor);
    return this.database.read(async (manager) => {
      const rows = await this.endpoints.list(manager, { ...filter, before }, limit + 1);
      const links = await this.endpoints.linked(
        manager,
        rows.map(({ id }) => id),
      );
      return toPage(rows, limit, (endpoint) => view({ endpoint, deviceIds: links.get(endpoint.id) ?? [] }));
    });
  }

  async get(id: string): Promise<EndpointView> {
    return this.database.read(async (manager) => {
      const endpoint = found(await this.endpoints.find(manager, id));
      return view({ endpoint, deviceIds: await this.deviceIds(manager, id) });
    });
  }

  async create(body: CreateEndpointDto): Promise<EndpointView> {
    const id = randomUUID();
    this.rules.checkUrl(body.url);
    const deviceIds = distinct(body.deviceIds);
    return this.save(async (manager) => {
      await this.rules.checkDevices(manager, deviceIds, id);
      const endpoint = Object.assign(new EndpointEntity(), {
        id,
        revision: 1,
        name: body.name.trim(),
        url: body.url,
        urlSince: 1,
        tested: false,
        sealedSecret: body.secret ? this.rules.sealSecret(body.secret, id) : null,
        status: 'pending_test',
        ...readEvents(body.events),
      });
      await this.rules.checkEvents(manager, endpoint.events, deviceIds);
      await this.endpoints.save(manager, endpoint);
      await this.endpoints.link(manager, id, deviceIds);
      return { endpoint, deviceIds };
    });
  }

  update(id: string, patch: UpdateEndpointDto): Promise<EndpointView> {
    if (patch.url !== undefined) this.rules.checkUrl(patch.url);
    const given = patch.deviceIds && distinct(patch.deviceIds);
    return this.save(async (manager) => {
      if (given) await this.rules.checkDevices(manager, given, id);
      const endpoint = found(await this.endpoints.lock(manager, id));
      const deviceIds = given ?? (await this.deviceIds(manager, id));
      endpoint.revision++;
      if (patch.status !== undefined) setStatus(endpoint, patch.status);
      if (patch.name !== undefined) endpoint.name = patch.name.trim();
      if (patch.url !== undefined) changeUrl(endpoint, patch.url);
      this.changeSecret(endpoint, patch.secret);
      if (patch.events !== undefined) Object.assign(endpoint, readEvents(patch.events));
      if (given || patch.events) await this.rules.checkEvents(manager, endpoint.events, deviceIds);
      if (given) await this.endpoints.link(manager, id, given);
      await this.endpoints.save(manager, endpoint);
      return { endpoint, deviceIds };
    });
  }

  pause(id: string): Promise<EndpointView> {
    return this.change(id, pause);
  }

  resume(id: string): Promise<EndpointView> {
    return this.change(id, resume);
  }

  async remove(id: string): Promise<void> {
    await this.database.write(async (manager) => {
      if (!(await this.endpoints.remove(manager, id))) throw notFound();
      await this.outbox.add(manager, endpointKeys(id));
    });
    await this.publisher.published(PUBLISH_WAIT_MS);
  }

  private change(id: string, change: (endpoint: EndpointEntity) => void): Promise<EndpointView> {
    return this.save(async (manager) => {
      const endpoint = found(await this.endpoints.lock(manager, id));
      endpoint.revision++;
      change(endpoint);
      await this.endpoints.save(manager, endpoint);
      return { endpoint, deviceIds: await this.deviceIds(manager, id) };
    });
  }

  /** Blank and the mask keep it, null removes it. */
  private changeSecret(endpoint: EndpointEntity, secret: string | null | undefined): void {
    if (secret === null) endpoint.sealedSecret = null;
    else if (secret && secret !== MASKED_SECRET)
      endpoint.sealedSecret = this.rules.sealSecret(secret, endpoint.id);
  }

  private async save(work: (manager: EntityManager) => Promise<Saved>): Promise<EndpointView> {
    const saved = await this.database.write(async (manager) => {
      const result = await work(manager);
      await this.outbox.add(manager, endpointKeys(result.endpoint.id));
      return result;
    });
    await this.publisher.published(PUBLISH_WAIT_MS);
    return view(saved);
  }

  private async deviceIds(manager: EntityManager, id: string): Promise<string[]> {
    return (await this.endpoints.linked(manager, [id])).get(id) ?? [];
  }
}

function view({ endpoint, deviceIds }: Saved): EndpointView {
  const { id, name, url, status, sealedSecret, createdAt, updatedAt } = endpoint;
  return {
    id,
    name,
    url,
    hasSecret: sealedSecret !== null,
    events: writeEvents(endpoint),
    deviceIds,
    status,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

const distinct = (ids: readonly string[]) => [...new Set(ids.map((id) => id.toLowerCase()))];
const notFound = () =>
  new NotFoundException({ code: 'endpoint_not_found', message: 'there is no such endpoint' });

function found(endpoint: EndpointEntity | null): EndpointEntity {
  if (endpoint) return endpoint;
  throw notFound();
}
