import { ConflictException } from '@nestjs/common';
import type { EndpointStatus } from '@kirisan/contracts';

/** What the status of an endpoint hangs on. */
export interface EndpointState {
  status: EndpointStatus;
  url: string;
  revision: number;
  /** The revision in which the URL was set. */
  urlSince: number;
  /** Whether this URL has proved itself. */
  tested: boolean;
}

/** Another URL is untested. A paused endpoint stays paused: only a person resumes it. Call it after the new revision is set. */
export function changeUrl(state: EndpointState, url: string): void {
  if (url === state.url) return;
  state.url = url;
  state.urlSince = state.revision;
  state.tested = false;
  if (state.status === 'active') state.status = 'pending_test';
}

export function pause(state: EndpointState): void {
  state.status = 'paused';
}

/** Back to what it was before the pause, or to Pending test if its URL was never tested. */
export function resume(state: EndpointState): void {
  if (state.status === 'paused') state.status = state.tested ? 'active' : 'pending_test';
}

/** What PATCH may ask for. Throws 409 for an endpoint that a test has to activate first. */
export function setStatus(state: EndpointState, status: 'active' | 'paused'): void {
  if (status === 'paused') return pause(state);
  if (state.status === 'pending_test') {
    throw new ConflictException({
      code: 'test_required',
      message: 'status: only a successful test makes this endpoint active',
    });
  }
  resume(state);
}

/**
 * The URL that was in force in `revision` proved itself. Answers whether anything changed: not if it has been replaced
 * meanwhile or was proven before; a paused endpoint stays paused, and will be active when it is resumed.
 */
export function markTested(state: EndpointState, revision: number): boolean {
  if (state.urlSince > revision || state.tested) return false;
  state.tested = true;
  if (state.status === 'pending_test') state.status = 'active';
  return true;
}
