import { Injectable } from '@nestjs/common';
import { type EndpointStatus, LIMITS } from '@kirisan/contracts';
import { type EntityManager, In } from 'typeorm';
import { linkedDevices } from '../directory-sync/desired-state.repository.js';
import { anywhere } from '../http/paging.js';
import { DeviceEntity } from '../storage/device.entity.js';
import { EndpointDeviceEntity } from '../storage/endpoint-device.entity.js';
import { EndpointEntity } from '../storage/endpoint.entity.js';

export interface EndpointFilter {
  search?: string;
  status?: EndpointStatus;
  channel?: string;
  event?: string;
  deviceId?: string;
  /** Only those created before it. */
  before?: string;
}

/** The tables of endpoints and of their links. Who locks both locks devices first. */
@Injectable()
export class EndpointRepository {
  find(manager: EntityManager, id: string): Promise<EndpointEntity | null> {
    return manager.findOneBy(EndpointEntity, { id });
  }

  /** Held until the transaction ends. */
  lock(manager: EntityManager, id: string): Promise<EndpointEntity | null> {
    return manager.findOne(EndpointEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** Newest first. */
  list(manager: EntityManager, filter: EndpointFilter, limit: number): Promise<EndpointEntity[]> {
    const { search, status, channel, event, deviceId, before } = filter;
    const query = manager
      .createQueryBuilder(EndpointEntity, 'endpoint')
      .orderBy('endpoint.position', 'DESC')
      .limit(limit);
    if (before !== undefined) query.andWhere('endpoint.position < :before', { before });
    if (status) query.andWhere('endpoint.status = :status', { status });
    if (event) query.andWhere(':event = ANY(endpoint.events)', { event });
    if (search)
      query.andWhere('(endpoint.name ILIKE :text OR endpoint.url ILIKE :text)', { text: anywhere(search) });
    const links = manager.createQueryBuilder(EndpointDeviceEntity, 'link').select('link.endpointId');
    if (deviceId)
      query.andWhere(`endpoint.id IN (${links.clone().where('link.deviceId = :deviceId').getQuery()})`, {
        deviceId,
      });
    if (channel) {
      const ofChannel = links.clone().innerJoin('link.device', 'device').where('device.channel = :channel');
      query.andWhere(`endpoint.id IN (${ofChannel.getQuery()})`, { channel });
    }
    return query.getMany();
  }

  /** Ids of the linked devices of each endpoint, in the order that was given. */
  linked(manager: EntityManager, endpointIds: string[]): Promise<Map<string, string[]>> {
    return linkedDevices(manager, endpointIds);
  }

  /** Those of the devices that exist, held until the transaction ends so that limits are counted one after the other. */
  lockDevices(manager: EntityManager, ids: string[]): Promise<DeviceEntity[]> {
    return manager.find(DeviceEntity, {
      where: { id: In(ids) },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
  }

  devices(manager: EntityManager, ids: string[]): Promise<DeviceEntity[]> {
    return manager.findBy(DeviceEntity, { id: In(ids) });
  }

  /** A device among these that is linked to as many other endpoints as one event can reach. */
  async fullDevice(manager: EntityManager, deviceIds: string[], except: string): Promise<string | undefined> {
    const row = await manager
      .createQueryBuilder(EndpointDeviceEntity, 'link')
      .select('link.deviceId', 'id')
      .where('link.deviceId IN (:...deviceIds) AND link.endpointId <> :except', { deviceIds, except })
      .groupBy('link.deviceId')
      .having('count(*) >= :limit', { limit: LIMITS.matchesPerEvent })
      .getRawOne<{ id: string }>();
    return row?.id;
  }

  async save(manager: EntityManager, endpoint: EndpointEntity): Promise<void> {
    await manager.save(endpoint);
  }

  async link(manager: EntityManager, endpointId: string, deviceIds: string[]): Promise<void> {
    await manager.delete(EndpointDeviceEntity, { endpointId });
    await manager.insert(
      EndpointDeviceEntity,
      deviceIds.map((deviceId, place) => ({ endpointId, deviceId, place })),
    );
  }

  async remove(manager: EntityManager, id: string): Promise<boolean> {
    const { affected } = await manager.delete(EndpointEntity, { id });
    return affected === 1;
  }
}
