import { createHmac, randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SecretBox } from '@kirisan/service';
import { Database } from '../storage/database.js';
import { SealedSettingEntity } from '../storage/sealed-setting.entity.js';

const FINGERPRINT_KEY = 'fingerprint-key';
const KEY_BYTES = 32;

/**
 * Keyed hashes of credentials, so that equal ones are found without opening any. The key is made once, is sealed in the
 * tables and outlives the rotation of the keys that seal it; without it nobody can try values against the hashes.
 */
@Injectable()
export class Fingerprints implements OnModuleInit {
  private key: Buffer;

  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async onModuleInit(): Promise<void> {
    this.key = await this.load();
  }

  /** Equal for equal values of the same channel and purpose, else unrelated. */
  of(channel: string, purpose: string, value: string): string {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([channel, purpose, value]))
      .digest('base64url');
  }

  private load(): Promise<Buffer> {
    return this.database.read(async (manager) => {
      const sealed = this.box.seal(randomBytes(KEY_BYTES).toString('base64'), FINGERPRINT_KEY);
      // Several copies may start at the same time on an empty schema: the first key stays.
      const insert = manager.createQueryBuilder().insert().into(SealedSettingEntity);
      await insert.values({ name: FINGERPRINT_KEY, sealed }).orIgnore().execute();
      const kept = await manager.findOneByOrFail(SealedSettingEntity, { name: FINGERPRINT_KEY });
      return Buffer.from(this.box.open(kept.sealed, FINGERPRINT_KEY), 'base64');
    });
  }
}
