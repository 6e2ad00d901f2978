import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { credentialsContext, secretContext } from '@kirisan/directory';
import { errorText, SecretBox } from '@kirisan/service';
import type { EntityManager } from 'typeorm';
import { deviceKeys, endpointKeys } from '../directory-sync/bucket-keys.js';
import { DirectoryPublisher } from '../directory-sync/directory.publisher.js';
import { OutboxRepository } from '../directory-sync/outbox.repository.js';
import { Database } from '../storage/database.js';
import { DeviceEntity } from '../storage/device.entity.js';
import { EndpointEntity } from '../storage/endpoint.entity.js';
import { SealedSettingEntity } from '../storage/sealed-setting.entity.js';

const PAGE = 200;

/** Seals anew, at every start, what was sealed with a key that is not the first any more; then that key may go. */
@Injectable()
export class ResealService implements OnApplicationBootstrap {
  private readonly logger = new Logger('reseal');

  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly outbox: OutboxRepository,
    private readonly publisher: DirectoryPublisher,
  ) {}

  onApplicationBootstrap(): void {
    this.resealAll().catch((error: unknown) => {
      this.logger.error(
        { error: errorText(error) },
        'secrets could not be sealed anew; the next start tries again',
      );
    });
  }

  /** Answers how many secrets were sealed anew. */
  async resealAll(): Promise<number> {
    const settings = await this.resealSettings();
    const devices = await this.pages((after) => this.resealDevices(after));
    const endpoints = await this.pages((after) => this.resealEndpoints(after));
    const resealed = settings + devices + endpoints;
    if (resealed > 0) this.logger.log({ resealed }, 'secrets sealed with the newest key');
    this.publisher.nudge();
    return resealed;
  }

  private async pages(
    page: (after: string) => Promise<{ last?: string; resealed: number }>,
  ): Promise<number> {
    let total = 0;
    let after: string | undefined = '0';
    while (after !== undefined) {
      const { last, resealed } = await page(after);
      total += resealed;
      after = last;
    }
    return total;
  }

  private resealSettings(): Promise<number> {
    return this.database.write(async (manager) => {
      const stale = (await manager.find(SealedSettingEntity)).filter(({ sealed }) =>
        this.box.isStale(sealed),
      );
      for (const { name, sealed } of stale) {
        await manager.update(SealedSettingEntity, { name }, { sealed: this.reseal(sealed, name) });
      }
      return stale.length;
    });
  }

  private resealDevices(after: string) {
    return this.database.write(async (manager) => {
      const rows = await this.stale(manager, DeviceEntity, 'sealed_credentials', after);
      for (const row of rows) {
        const sealed = this.reseal(row.sealedCredentials, credentialsContext(row.id));
        await manager.update(DeviceEntity, { id: row.id }, { sealedCredentials: sealed });
        await this.outbox.add(manager, deviceKeys(row));
      }
      return { last: rows.at(-1)?.position, resealed: rows.length };
    });
  }

  private resealEndpoints(after: string) {
    return this.database.write(async (manager) => {
      const rows = await this.stale(manager, EndpointEntity, 'sealed_secret', after);
      for (const row of rows) {
        const sealedSecret = this.reseal(row.sealedSecret!, secretContext(row.id));
        await manager.update(EndpointEntity, { id: row.id }, { sealedSecret, revision: row.revision + 1 });
        await this.outbox.add(manager, endpointKeys(row.id));
      }
      return { last: rows.at(-1)?.position, resealed: rows.length };
    });
  }

  private stale<E extends DeviceEntity | EndpointEntity>(
    manager: EntityManager,
    entity: new () => E,
    column: string,
    after: string,
  ): Promise<E[]> {
    const current = this.box.seal('', '').split('.').slice(0, 2).join('.');
    return manager
      .createQueryBuilder(entity, 'row')
      .setLock('pessimistic_write')
      .where('row.position > :after', { after })
      .andWhere(`row.${column} IS NOT NULL AND NOT starts_with(row.${column}, :current)`, {
        current: `${current}.`,
      })
      .orderBy('row.position')
      .take(PAGE)
      .getMany();
  }

  private reseal(sealed: string, context: string): string {
    return this.box.seal(this.box.open(sealed, context), context);
  }
}
