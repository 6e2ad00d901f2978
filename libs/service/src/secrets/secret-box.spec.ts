import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { equalSecrets } from './constant-time.js';
import { SecretBox, SecretBoxError } from './secret-box.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const first = key('k1');
const second = key('k2');

describe('SecretBox', () => {
  it('opens what it sealed, and only in the same context', () => {
    const box = new SecretBox(first);
    const sealed = box.seal('s3cret ü', 'endpoint:1');
    expect(sealed).not.toContain('s3cret');
    expect(box.open(sealed, 'endpoint:1')).toBe('s3cret ü');
    expect(() => box.open(sealed, 'endpoint:2')).toThrow(SecretBoxError);
  });

  it('never seals the same text into the same bytes', () => {
    const box = new SecretBox(first);
    expect(box.seal('a', 'c')).not.toBe(box.seal('a', 'c'));
  });

  it('rotates: the first key seals, every key opens, old ones are stale', () => {
    const old = new SecretBox(first).seal('a', 'c');
    const rotated = new SecretBox(`${second},${first}`);
    expect(rotated.open(old, 'c')).toBe('a');
    expect(rotated.isStale(old)).toBe(true);
    expect(rotated.isStale(rotated.seal('a', 'c'))).toBe(false);
    expect(() => new SecretBox(second).open(old, 'c')).toThrow(/no key "k1"/);
  });

  it('notices an altered text', () => {
    const box = new SecretBox(first);
    const [version, id, data] = box.seal('abc', 'c').split('.');
    const bytes = Buffer.from(data!, 'base64url');
    bytes[bytes.length - 20]! ^= 1;
    expect(() => box.open(`${version}.${id}.${bytes.toString('base64url')}`, 'c')).toThrow(SecretBoxError);
    expect(() => box.open('v1.k1.AA', 'c')).toThrow(SecretBoxError);
    expect(() => box.open('nonsense', 'c')).toThrow(SecretBoxError);
  });

  it.each(['', 'k1', 'k1:short', `:${randomBytes(32).toString('base64')}`])('refuses the keys %j', (keys) => {
    expect(() => new SecretBox(keys)).toThrow(SecretBoxError);
  });
});

describe('equalSecrets', () => {
  it('compares whole texts of any length', () => {
    expect(equalSecrets('abc', 'abc')).toBe(true);
    expect(equalSecrets('abc', 'abcd')).toBe(false);
    expect(equalSecrets('', 'a')).toBe(false);
  });
});
