import * as diagnostics from 'node:diagnostics_channel';
import { watchEvent } from '../hangs/eventWatch.ts';

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

/**
 * Calls `replacing` before the process becomes another program (`process.execve`), which emits nothing. Node asks its channel for
 * subscribers right before that. Who else asks makes it be called too early.
 */
export function watchExec(replacing: () => void): void {
  if (!('execve' in process)) return;
  const { getPrototypeOf } = Object;
  const { get } = Reflect;
  Object.defineProperty(diagnostics.channel('process.execve'), 'hasSubscribers', {
    configurable: true,
    enumerable: false,
    get(this: object): unknown {
      replacing();
      return get(getPrototypeOf(this) as object, 'hasSubscribers', this);
    },
  });
}
