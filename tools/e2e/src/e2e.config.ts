const milliseconds = (name: string, normally: number) => Number(process.env[name] ?? normally);

/** Waits of the fault suite, short unless the environment says otherwise; a soak takes real ones. */
export const WAITS = {
  /** For how long a process is frozen: longer than every acknowledgement wait. */
  freezeMs: milliseconds('E2E_FREEZE_MS', 12_000),
  /** For how long PostgreSQL or NATS is away: longer than every acknowledgement wait, too. */
  awayMs: milliseconds('E2E_AWAY_MS', 12_000),
  /** For how long a disk stays full, or every connection is taken. */
  shortageMs: milliseconds('E2E_SHORTAGE_MS', 5_000),
  /** What rows may take to be complete. */
  settleMs: milliseconds('E2E_SETTLE_MS', 120_000),
};

/** The random faults of a run are the same for the same seed. */
export const seed = Number(process.env.KIRISAN_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** How long random faults go on; some seconds if it is not set. */
export const soakMinutes = Number(process.env.SOAK_MINUTES ?? 0);
