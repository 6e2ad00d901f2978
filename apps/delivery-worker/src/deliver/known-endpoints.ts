import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { EndpointEntry } from '@kirisan/contracts';
import { Directory, openSecret } from '@kirisan/directory';
import { SecretBox, TransientError } from '@kirisan/service';

/** An endpoint that is gone, for the rows of its last matches. */
export interface DeletedEndpoint {
  name: string;
  url: string;
}

const MAX_DELETED = 10_000;
/** A directory that is live but does not reach a revision for so long was made anew, with smaller revisions. */
const REVISION_TIMEOUT_MS = 5_000;

/** The endpoints of the directory, with their secrets in the clear, and the names of those that were deleted lately. */
@Injectable()
export class KnownEndpoints implements OnModuleDestroy {
  private readonly deleted = new Map<string, DeletedEndpoint>();
  private readonly secrets = new WeakMap<EndpointEntry, string>();
  private readonly leave: () => void;

  constructor(
    private readonly directory: Directory,
    private readonly box: SecretBox,
  ) {
    this.leave = directory.onEndpointChange(({ id, endpoint, previous }) => {
      if (endpoint) this.deleted.delete(id);
      else if (previous) this.remember(id, previous);
    });
  }

  onModuleDestroy(): void {
    this.leave();
  }

  /** Resolves once the directory is live and at the revision. Throws `TransientError` if it is not live in time. */
  async seen(revision: number): Promise<void> {
    const { directory } = this;
    if (directory.revision >= revision && directory.isCaughtUp) return;
    if (await directory.atRevision(revision, REVISION_TIMEOUT_MS)) return;
    if (!directory.isCaughtUp) throw new TransientError('the directory is not caught up');
  }

  get(id: string): EndpointEntry | undefined {
    return this.directory.endpoint(id);
  }

  getDeleted(id: string): DeletedEndpoint | undefined {
    return this.deleted.get(id);
  }

  /** The signing secret in the clear, opened once for each revision. Throws `SecretBoxError`. */
  secretOf(endpoint: EndpointEntry): string | undefined {
    if (endpoint.sealedSecret === undefined) return undefined;
    let secret = this.secrets.get(endpoint);
    if (secret === undefined) {
      secret = openSecret(endpoint, this.box)!;
      this.secrets.set(endpoint, secret);
    }
    return secret;
  }

  private remember(id: string, { name, url }: EndpointEntry): void {
    this.deleted.set(id, { name, url });
    if (this.deleted.size > MAX_DELETED) this.deleted.delete(this.deleted.keys().next().value!);
  }
}
