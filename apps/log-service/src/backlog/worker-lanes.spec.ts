import { describe, expect, it } from '@jest/globals';
import { WorkerLanes } from './worker-lanes.js';

const lane = (endpointId: string, inFlight: number, cap: number) => ({ endpointId, inFlight, cap });

describe('what workers say of their lanes', () => {
  it('is added up over the workers that speak of the endpoint', () => {
    const lanes = new WorkerLanes();
    lanes.heard('a', [lane('e', 3, 4)], 0);
    lanes.heard('b', [lane('e', 1, 500), lane('f', 1, 1)], 0);
    expect(lanes.of('e', 1)).toEqual(lane('e', 4, 504));
    expect(lanes.of('g', 1)).toBeUndefined();
  });

  it('counts as they said it last, and not at all when they are silent', () => {
    const lanes = new WorkerLanes();
    lanes.heard('a', [lane('e', 3, 4)], 0);
    lanes.heard('a', [], 1);
    expect(lanes.of('e', 2)).toBeUndefined();
    lanes.heard('b', [lane('e', 3, 4)], 2);
    expect(lanes.of('e', 14_000)).toBeDefined();
    expect(lanes.of('e', 16_000)).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    'x',
    {},
    [null],
    [1],
    [{ endpointId: 'e' }],
    [lane('e', -1, 1)],
    [lane('e', 0.5, 1)],
  ])('is passed over when it is %j', (said) => {
    const lanes = new WorkerLanes();
    lanes.heard('a', said, 0);
    expect(lanes.of('e', 1)).toBeUndefined();
  });
});
