/** What a first and a second request to stop do. */
export interface StopHandlers {
  first(): Promise<void>;
  second(): void;
}

/** One Ctrl-C reaches us twice when npm is our parent: from the terminal, and forwarded by npm. */
const SAME_REQUEST_MS = 500;

/** Handles SIGINT, SIGTERM and SIGHUP of this process. */
export function onStopSignals({ first, second }: StopHandlers): void {
  let since: number | undefined;
  const handle = () => {
    if (since === undefined) {
      since = performance.now();
      void first();
    } else if (performance.now() - since > SAME_REQUEST_MS) {
      second();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
}
