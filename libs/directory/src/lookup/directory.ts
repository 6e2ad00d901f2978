import { BUCKETS, type DeviceEntry, type EndpointEntry } from '@kirisan/contracts';
import type { Messaging } from '@kirisan/messaging';
import type { SecretBox } from '@kirisan/service';
import { deviceKey, endpointKey, secretContext } from '../keys.js';
import { readDevice, readEndpoint } from '../readers.js';
import { BucketWatch, type Change } from '../watch/bucket-watch.js';
import { BucketWriter } from '../write/bucket-writer.js';

/** An endpoint that was set, changed or removed. */
export interface EndpointChange {
  id: string;
  endpoint: EndpointEntry | undefined;
  previous: EndpointEntry | undefined;
}

const DEVICE = 'device.';
const ENDPOINT = 'endpoint.';
const NONE: readonly EndpointEntry[] = [];

/** All devices and endpoints, live, in memory; see {@link BucketWatch} for how it keeps up. */
export class Directory {
  private readonly watch: BucketWatch<DeviceEntry | EndpointEntry>;
  private readonly bucket: BucketWriter;
  /** A device with one endpoint holds it itself, not a list of one: there are many of those. */
  private readonly linked = new Map<string, EndpointEntry | EndpointEntry[]>();
  private readonly listeners = new Set<(change: EndpointChange) => void>();

  constructor(messaging: Messaging) {
    this.bucket = new BucketWriter(messaging, BUCKETS.directory);
    this.watch = new BucketWatch({ messaging, bucket: BUCKETS.directory, read: readEntry });
    this.watch.onChange((change) => this.apply(change));
  }

  start(): void {
    this.watch.start();
  }

  stop(): Promise<void> {
    return this.watch.stop();
  }

  /** Whether this copy is complete and live; false from a lost connection until it has been made anew. */
  get isCaughtUp(): boolean {
    return this.watch.isCaughtUp;
  }

  /** Resolves as soon as this copy is complete and live. */
  caughtUp(): Promise<void> {
    return this.watch.caughtUp();
  }

  /** The newest revision that this copy holds. */
  get revision(): number {
    return this.watch.revision;
  }

  /** Resolves with true once the revision has been seen, with false if it did not come in time. */
  atRevision(revision: number, timeoutMs: number): Promise<boolean> {
    return this.watch.atRevision(revision, timeoutMs);
  }

  device(id: string): DeviceEntry | undefined {
    return this.watch.get(DEVICE + id) as DeviceEntry | undefined;
  }

  /**
   * The device, read from the bucket if this copy does not know it: one that was made a moment ago may have its first
   * event before it is here. Throws `TransientError` if NATS is away.
   */
  async findDevice(id: string): Promise<DeviceEntry | undefined> {
    const known = this.device(id);
    if (known) return known;
    const { text } = await this.bucket.read(deviceKey(id));
    return text === undefined ? undefined : readDevice(JSON.parse(text));
  }

  endpoint(id: string): EndpointEntry | undefined {
    return this.watch.get(ENDPOINT + id) as EndpointEntry | undefined;
  }

  /** The endpoints that are linked to the device, whatever their status. */
  endpointsOf(deviceId: string): readonly EndpointEntry[] {
    const linked = this.linked.get(deviceId);
    if (linked === undefined) return NONE;
    return Array.isArray(linked) ? linked : [linked];
  }

  /**
   * The named endpoints, not older than the revision: from this copy when it has seen it within `timeoutMs`, else read
   * one by one from the bucket. Deleted ones are missing in the answer. Throws `TransientError` if NATS is away.
   */
  async endpointsAt(
    revision: number,
    ids: readonly string[],
    timeoutMs: number,
  ): Promise<Map<string, EndpointEntry>> {
    const seen = await this.atRevision(revision, timeoutMs);
    const found = new Map<string, EndpointEntry>();
    for (const id of ids) {
      const endpoint = seen ? this.endpoint(id) : await this.readEndpoint(id);
      if (endpoint) found.set(id, endpoint);
    }
    return found;
  }

  /** Called after every change of an endpoint. Returns how to leave. */
  onEndpointChange(listener: (change: EndpointChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async readEndpoint(id: string): Promise<EndpointEntry | undefined> {
    const { text } = await this.bucket.read(endpointKey(id));
    return text === undefined ? undefined : readEndpoint(JSON.parse(text));
  }

  private apply({ key, value, previous }: Change<DeviceEntry | EndpointEntry>): void {
    if (!key.startsWith(ENDPOINT)) return;
    const endpoint = value as EndpointEntry | undefined;
    const before = previous as EndpointEntry | undefined;
    for (const deviceId of before?.deviceIds ?? []) this.unlink(deviceId, before!);
    for (const deviceId of new Set(endpoint?.deviceIds)) this.link(deviceId, endpoint!);
    const id = (endpoint ?? before)!.id;
    for (const listener of this.listeners) listener({ id, endpoint, previous: before });
  }

  private link(deviceId: string, endpoint: EndpointEntry): void {
    const linked = this.linked.get(deviceId);
    if (linked === undefined) this.linked.set(deviceId, endpoint);
    else if (Array.isArray(linked)) linked.push(endpoint);
    else this.linked.set(deviceId, [linked, endpoint]);
  }

  private unlink(deviceId: string, endpoint: EndpointEntry): void {
    const linked = this.linked.get(deviceId);
    if (linked === endpoint) this.linked.delete(deviceId);
    if (!Array.isArray(linked)) return;
    const at = linked.indexOf(endpoint);
    if (at >= 0) linked.splice(at, 1);
    if (linked.length === 0) this.linked.delete(deviceId);
  }
}

/** The signing secret of an endpoint in the clear; ask for it at the moment of use only. Throws `SecretBoxError`. */
export function openSecret({ id, sealedSecret }: EndpointEntry, box: SecretBox): string | undefined {
  return sealedSecret === undefined ? undefined : box.open(sealedSecret, secretContext(id));
}

/** The key names the entry: one that calls itself otherwise could stand in for another. */
function readEntry(json: unknown, key: string): DeviceEntry | EndpointEntry {
  const entry = key.startsWith(DEVICE) ? readDevice(json) : readEndpoint(json);
  const prefix = key.startsWith(DEVICE) ? DEVICE : ENDPOINT;
  if (key !== prefix + entry.id) throw new Error('it belongs to another key');
  return entry;
}
