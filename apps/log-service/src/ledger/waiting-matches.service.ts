import { Injectable } from '@nestjs/common';
import {
  CONSUMERS,
  decodeRecords,
  matchId,
  type RoutedFacts,
  type StreamName,
  SUBJECTS,
} from '@kirisan/contracts';
import { type ScanBudget, scanStream } from '../streams/stream-scan.js';
import { type StoredMessage, StreamStore } from '../streams/stream-store.client.js';

/** Where matches without a claim were found. */
export interface WaitingMatches {
  waiting: Set<string>;
  parked: Set<string>;
  /** Dead letters by match. */
  setAside: Map<string, string>;
  /** False when the streams hold more than was read. */
  isComplete: boolean;
  /** Parked matches of all times. */
  parkedMessages: number;
}

const MESSAGES = 20_000;
const BYTES = 256 * 1024 * 1024;
const READ_MS = 10_000;
const PARKED = SUBJECTS.parked('');

/** Looks matches up in the streams. */
@Injectable()
export class WaitingMatchesService {
  constructor(private readonly store: StreamStore) {}

  /**
   * A match moves from the routed ones to the parked ones and from there to its claim: looked for in this order, it is not
   * missed. Throws `TransientError` while NATS is away.
   */
  async find(ids: Iterable<string>): Promise<WaitingMatches> {
    const wanted = new Set(ids);
    const budget = { messages: MESSAGES, bytes: BYTES, deadline: performance.now() + READ_MS };
    const waiting = new Set<string>();
    const parked = new Set<string>();
    const setAside = new Map<string, string>();
    const found = (into: { add: (id: string) => void }) => (id: string) => {
      if (wanted.delete(id)) into.add(id);
    };
    const { messages: parkedMessages } = await this.store.state('PARKED');
    const complete = [
      await this.readRouted(wanted, budget, found(waiting)),
      await this.read('PARKED', wanted, budget, (message) => parkedMatches(message).forEach(found(parked))),
      await this.read('DEAD_LETTERS', wanted, budget, (message) => {
        const id = String(message.sequence);
        deadMatches(message).forEach(found({ add: (match) => setAside.set(match, id) }));
      }),
    ];
    return { waiting, parked, setAside, isComplete: complete.every(Boolean), parkedMessages };
  }

  /** An event is registered when a worker has it in hand: such messages come first, what no worker was given after them. */
  private async readRouted(
    wanted: Set<string>,
    budget: ScanBudget,
    found: (id: string) => void,
  ): Promise<boolean> {
    const { stream, name } = CONSUMERS.deliveryWorker;
    const given = await this.store.delivered(stream, name).catch(() => 0);
    const take = (message: StoredMessage) => routedMatches(message).forEach(found);
    return (
      (await this.read(stream, wanted, budget, take, (state) => ({
        ...state,
        last: Math.min(given, state.last),
      }))) &&
      (await this.read(stream, wanted, budget, take, (state) => ({
        ...state,
        first: Math.max(given + 1, state.first),
      })))
    );
  }

  private async read(
    stream: StreamName,
    wanted: Set<string>,
    budget: ScanBudget,
    take: (message: StoredMessage) => void,
    narrow = (range: { first: number; last: number }) => range,
  ): Promise<boolean> {
    if (wanted.size === 0) return true;
    const { first, last } = narrow(await this.store.state(stream));
    return scanStream(this.store, { stream, subject: '>', first, last }, budget, (message) => {
      take(message);
      return wanted.size > 0;
    });
  }
}

function recordsOf(data: Uint8Array): RoutedFacts[] {
  try {
    return decodeRecords<RoutedFacts>(data).map(({ facts }) => facts);
  } catch {
    // Whoever has to deliver it sets it aside; it holds no match that anybody could find.
    return [];
  }
}

function routedMatches({ data }: Pick<StoredMessage, 'data'>): string[] {
  return recordsOf(data).flatMap(({ id, endpointIds }) =>
    Array.isArray(endpointIds) ? endpointIds.map((endpointId) => matchId(id, endpointId)) : [],
  );
}

function parkedMatches({ data, subject }: Pick<StoredMessage, 'data' | 'subject'>): string[] {
  return recordsOf(data).map(({ id }) => matchId(id, subject.slice(PARKED.length)));
}

function deadMatches({ data, header }: StoredMessage): string[] {
  const subject = header('Kirisan-Subject');
  if (subject === SUBJECTS.routed) return routedMatches({ data });
  return subject.startsWith(PARKED) ? parkedMatches({ data, subject }) : [];
}
