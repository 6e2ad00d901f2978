import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed text can not be opened: unknown key, other context, or altered. Says nothing of the content. */
export class SecretBoxError extends Error {
  override name = 'SecretBoxError';
}

/**
 * Encrypts secrets at rest with AES-256-GCM. The first key seals, every key opens, so that keys are rotated without a
 * pause: put the new one first, reseal, remove the old one. The context (such as `endpoint:<id>`) is bound to the text,
 * so that a sealed secret can not be moved to another owner.
 */
export class SecretBox {
  private readonly keys = new Map<string, Buffer>();
  private readonly sealingKeyId: string;

  /** `keys`: `id:base64` of 32 bytes each, separated by commas. Throws for anything else. */
  constructor(keys: string) {
    for (const entry of keys.split(',').map((part) => part.trim())) {
      const [id, encoded, ...rest] = entry.split(':');
      const key = Buffer.from(encoded ?? '', 'base64');
      if (!id || !/^[A-Za-z0-9_-]{1,32}$/.test(id) || rest.length > 0 || key.length !== 32) {
        throw new SecretBoxError('each key must be written id:base64 with 32 bytes behind the base64');
      }
      this.keys.set(id, key);
    }
    this.sealingKeyId = this.keys.keys().next().value as string;
  }

  seal(text: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keys.get(this.sealingKeyId)!, iv).setAAD(
      Buffer.from(context),
    );
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.sealingKeyId}.${sealed.toString('base64url')}`;
  }

  /** Throws {@link SecretBoxError}. */
  open(sealed: string, context: string): string {
    const [version, id, data] = sealed.split('.');
    const key = version === 'v1' && id ? this.keys.get(id) : undefined;
    if (!key || !data) throw new SecretBoxError(`no key "${id ?? ''}" to open this secret with`);
    const bytes = Buffer.from(data, 'base64url');
    if (bytes.length < IV_BYTES + TAG_BYTES) throw new SecretBoxError('a sealed secret is cut off');
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES))
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      throw new SecretBoxError('a sealed secret was altered or belongs to another context');
    }
  }

  /** Whether it was sealed with a key that is not the first any more. */
  isStale(sealed: string): boolean {
    return sealed.split('.')[1] !== this.sealingKeyId;
  }
}
