/** Matches that wait, unclaimed, for a slot of their endpoint. */
export interface Backlog {
  /** Parked matches of all endpoints. */
  total: number;
  /** Endpoints that have any. */
  endpoints: number;
  /** Those with most parked matches first. */
  items: EndpointBacklog[];
}

export interface EndpointBacklog {
  endpointId: string;
  count: number;
  /** Milliseconds since the oldest was parked; null when it has just left. */
  oldestAgeMs: number | null;
  /** Deliveries under way, over all workers that speak of the endpoint; null when none does. */
  inFlight: number | null;
  /** Slots now in force, over the same workers. */
  cap: number | null;
}

export interface BacklogQuery {
  /** 1 to 500; default 100. */
  limit?: number;
}
