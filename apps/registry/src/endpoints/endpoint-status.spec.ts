import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeUrl, type EndpointState, markTested, pause, resume } from './endpoint-status.js';

const fresh = (): EndpointState => ({
  status: 'pending_test',
  url: 'a',
  revision: 1,
  urlSince: 1,
  tested: false,
});

describe('the status of an endpoint', () => {
  it('is active after a success, and pending again with another URL', () => {
    const endpoint = fresh();
    expect(markTested(endpoint, 1)).toBe(true);
    expect(endpoint.status).toBe('active');
    endpoint.revision++;
    changeUrl(endpoint, 'a');
    expect(endpoint.status).toBe('active');
    changeUrl(endpoint, 'b');
    expect(endpoint).toMatchObject({ status: 'pending_test', tested: false, urlSince: 2 });
  });

  it('does not count a success of a URL that was replaced, even by the same one', () => {
    const endpoint = fresh();
    for (const url of ['b', 'a']) {
      endpoint.revision++;
      changeUrl(endpoint, url);
    }
    expect(markTested(endpoint, 1)).toBe(false);
    expect(endpoint.status).toBe('pending_test');
  });

  it('stays paused until a person resumes it', () => {
    const endpoint = fresh();
    markTested(endpoint, 1);
    pause(endpoint);
    endpoint.revision++;
    changeUrl(endpoint, 'b');
    expect(endpoint.status).toBe('paused');
    markTested(endpoint, 2);
    expect(endpoint.status).toBe('paused');
    resume(endpoint);
    expect(endpoint.status).toBe('active');
  });

  it('is active only with a URL that proved itself, whatever happens in whatever order', () => {
    const step = fc.constantFrom('test', 'late', 'url', 'pause', 'resume');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const endpoint = fresh();
        const proven = new Set<number>();
        let seen = endpoint.revision;
        for (const action of steps) {
          endpoint.revision++;
          const tested = action === 'test' ? endpoint.revision : seen;
          if ((action === 'test' || action === 'late') && markTested(endpoint, tested))
            proven.add(endpoint.urlSince);
          if (action === 'url') changeUrl(endpoint, `u${endpoint.revision}`);
          if (action === 'pause') pause(endpoint);
          if (action === 'resume') resume(endpoint);
          if (action !== 'url') seen = endpoint.revision;
          if (endpoint.status === 'active') expect(proven.has(endpoint.urlSince)).toBe(true);
          if (endpoint.status === 'pending_test') expect(endpoint.tested).toBe(false);
        }
      }),
    );
  });
});
