const MAX_ORIGINS = 20_000;

type Opinion = 'trusted' | 'distrusted';

/** What is known for a while about how origins treat idle connections; the oldest opinions are forgotten first. */
export class OriginTrust {
  private readonly opinions = new Map<string, { opinion: Opinion; until: number }>();

  /** Undefined if nothing is known, or no longer. */
  of(origin: string): Opinion | undefined {
    const known = this.opinions.get(origin);
    if (known === undefined) return undefined;
    if (performance.now() < known.until) return known.opinion;
    this.opinions.delete(origin);
    return undefined;
  }

  /** Holds an opinion for `ms`; a longer distrust is not shortened. */
  set(origin: string, opinion: Opinion, ms: number): void {
    const until = performance.now() + ms;
    const known = this.opinions.get(origin);
    if (known?.opinion === 'distrusted' && known.until > until) return;
    this.opinions.delete(origin);
    if (this.opinions.size >= MAX_ORIGINS) this.opinions.delete(this.opinions.keys().next().value!);
    this.opinions.set(origin, { opinion, until });
  }
}
