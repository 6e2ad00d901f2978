import { Injectable } from '@nestjs/common';
import type { InboundMode } from '@kirisan/contracts';
import { type EntityManager, Not } from 'typeorm';
import { anywhere } from '../http/paging.js';
import { DeviceEntity } from '../storage/device.entity.js';
import { EndpointDeviceEntity } from '../storage/endpoint-device.entity.js';
import { EndpointEntity } from '../storage/endpoint.entity.js';

export interface DeviceFilter {
  search?: string;
  channel?: string;
  inboundMode?: InboundMode;
  /** Only those created before it. */
  before?: string;
}

/** The table of devices. */
@Injectable()
export class DeviceRepository {
  find(manager: EntityManager, id: string): Promise<DeviceEntity | null> {
    return manager.findOneBy(DeviceEntity, { id });
  }

  /** Held until the transaction ends. */
  lock(manager: EntityManager, id: string): Promise<DeviceEntity | null> {
    return manager.findOne(DeviceEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** Newest first. */
  list(manager: EntityManager, filter: DeviceFilter, limit: number): Promise<DeviceEntity[]> {
    const query = manager
      .createQueryBuilder(DeviceEntity, 'device')
      .orderBy('device.position', 'DESC')
      .limit(limit);
    const { search, channel, inboundMode, before } = filter;
    if (before !== undefined) query.andWhere('device.position < :before', { before });
    if (channel) query.andWhere('device.channel = :channel', { channel });
    if (inboundMode) query.andWhere('device.inboundMode = :inboundMode', { inboundMode });
    if (search) {
      const found = '(device.name ILIKE :text OR device.number ILIKE :text OR device.token ILIKE :text)';
      query.andWhere(found, { text: anywhere(search) });
    }
    return query.getMany();
  }

  /** The device of the channel that is the same line. */
  sameLine(
    manager: EntityManager,
    channel: string,
    identityHash: string,
    except: string,
  ): Promise<DeviceEntity | null> {
    return manager.findOneBy(DeviceEntity, { channel, identityHash, id: Not(except) });
  }

  /** The ingest key of the devices that share it; who asks holds the answer true until the transaction ends. */
  async sharedIngestKey(
    manager: EntityManager,
    channel: string,
    shareHash: string,
    except: string,
  ): Promise<string | undefined> {
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${channel} ${shareHash}`]);
    const sharing = await manager.findOne(DeviceEntity, {
      where: { channel, shareHash, id: Not(except) },
      order: { position: 'ASC' },
    });
    return sharing?.ingestKey;
  }

  /** Removes the device and its links; answers the endpoints that were linked, each with a new revision. */
  async remove(manager: EntityManager, id: string): Promise<string[]> {
    const links = await manager.findBy(EndpointDeviceEntity, { deviceId: id });
    const endpointIds = links.map(({ endpointId }) => endpointId).sort();
    for (const endpointId of endpointIds) {
      await manager.increment(EndpointEntity, { id: endpointId }, 'revision', 1);
    }
    await manager.delete(DeviceEntity, { id });
    return endpointIds;
  }
}
