import { describe, expect, it } from '@jest/globals';
import { renderNatsConfig } from './nats-config.js';

const base = { port: 4222, storeDir: '/data' };

describe('renderNatsConfig', () => {
  it('quotes what a person may have put in, and leaves a variable for nats-server to fill in', () => {
    const users = [
      { user: 'a"b', password: 'p\\q' },
      { user: 'router', password: '$ROUTER_PASSWORD' },
    ];
    const text = renderNatsConfig({ ...base, users });
    expect(text).toContain(String.raw`{ user: "a\"b", password: "p\\q" }`);
    expect(text).toContain('{ user: "router", password: $ROUTER_PASSWORD }');
  });

  it('allows nothing where the list is empty', () => {
    const text = renderNatsConfig({
      ...base,
      users: [{ user: 'u', password: 'p', publish: [], subscribe: ['a.>'] }],
    });
    expect(text).toContain('permissions: { publish: { allow: ["_none_"] }, subscribe: { allow: ["a.>"] } }');
  });

  it('writes to the disk before every acknowledgement only when asked to', () => {
    expect(renderNatsConfig(base)).not.toContain('sync_interval');
    expect(renderNatsConfig({ ...base, syncAlways: true })).toContain('sync_interval: always');
  });
});
