import { Injectable } from '@nestjs/common';
import { BUCKETS } from '@kirisan/contracts';
import { channelDeviceKey, deviceKey, endpointKey } from '@kirisan/directory';
import { type EntityManager, In } from 'typeorm';
import { DeviceEntity } from '../storage/device.entity.js';
import { EndpointDeviceEntity } from '../storage/endpoint-device.entity.js';
import { EndpointEntity } from '../storage/endpoint.entity.js';
import type { BucketKey } from './bucket-keys.js';
import { credentialsEntry, deviceEntry, endpointEntry } from './entries.js';

/** What a bucket should hold under a key: a value, nothing, or whatever is there (somebody else writes it). */
export type Desired = { value: object } | 'absent' | 'keep';

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the buckets should hold, read from the tables. */
@Injectable()
export class DesiredStateRepository {
  /** In the order of `keys`. */
  async of(manager: EntityManager, keys: readonly BucketKey[]): Promise<Desired[]> {
    const ids = [...new Set(keys.flatMap(({ key }) => UUID.exec(key)?.[0] ?? []))];
    const devices = await this.devices(manager, ids);
    const endpoints = await this.endpoints(manager, ids);
    return keys.map(({ bucket, key }) => {
      const id = UUID.exec(key)?.[0] ?? '';
      const device = devices.get(id);
      if (bucket === BUCKETS.directory.name) {
        if (device && key === deviceKey(id)) return { value: deviceEntry(device) };
        const endpoint = endpoints.get(id);
        return endpoint && key === endpointKey(id) ? { value: endpoint } : 'absent';
      }
      const known = device !== undefined && key === channelDeviceKey(device.channel, id);
      if (bucket === BUCKETS.deviceHealth.name) return known ? 'keep' : 'absent';
      return known ? { value: credentialsEntry(device) } : 'absent';
    });
  }

  /** Devices in the order of their creation, after a position. */
  devicesAfter(manager: EntityManager, position: string, limit: number): Promise<DeviceEntity[]> {
    return this.page(manager, DeviceEntity, position, limit);
  }

  /** Endpoints in the order of their creation, after a position. */
  endpointsAfter(manager: EntityManager, position: string, limit: number): Promise<EndpointEntity[]> {
    return this.page(manager, EndpointEntity, position, limit);
  }

  private page<E extends DeviceEntity | EndpointEntity>(
    manager: EntityManager,
    entity: new () => E,
    position: string,
    limit: number,
  ): Promise<E[]> {
    const query = manager.createQueryBuilder(entity, 'row').where('row.position > :position', { position });
    return query.orderBy('row.position').limit(limit).getMany();
  }

  private async devices(manager: EntityManager, ids: string[]): Promise<Map<string, DeviceEntity>> {
    const rows = ids.length === 0 ? [] : await manager.findBy(DeviceEntity, { id: In(ids) });
    return new Map(rows.map((row) => [row.id, row]));
  }

  private async endpoints(manager: EntityManager, ids: string[]): Promise<Map<string, object>> {
    const rows = ids.length === 0 ? [] : await manager.findBy(EndpointEntity, { id: In(ids) });
    const links = await linkedDevices(
      manager,
      rows.map(({ id }) => id),
    );
    return new Map(rows.map((row) => [row.id, endpointEntry(row, links.get(row.id) ?? [])]));
  }
}

/** Ids of the devices that each endpoint is linked to, in the order that was given. */
export async function linkedDevices(
  manager: EntityManager,
  endpointIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (endpointIds.length === 0) return new Map();
  const links = await manager.find(EndpointDeviceEntity, {
    where: { endpointId: In(endpointIds) },
    order: { place: 'ASC' },
  });
  const found = new Map<string, string[]>();
  for (const { endpointId, deviceId } of links) {
    const list = found.get(endpointId);
    if (list) list.push(deviceId);
    else found.set(endpointId, [deviceId]);
  }
  return found;
}
