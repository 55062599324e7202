import { watchEvent } from './eventWatch.ts';

/**
 * Calls `exiting` once, when the process (or worker) is about to emit `exit`: at the natural end, at `process.exit` and after an
 * uncaught exception.
 */
export function watchExit(exiting: () => void): void {
  const emitter = process as unknown as { _exiting?: boolean };
  let seen = false;
  watchEvent('exit', () => {
    if (seen || emitter._exiting !== true) return;
    seen = true;
    exiting();
  });
}
