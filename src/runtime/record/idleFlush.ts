import type { NodeInternals } from '../nodeInternals.ts';

/** Odd on purpose: timers of one duration share a list, and this one shall be alone in its own. */
const periodMs = 47;

/**
 * Calls `flush` about every {@link periodMs} while the program waits. The timer never fires: Node asks a timer of an expired list when
 * it was started, and finds by the answer (`now`) that it has to wait once more. So no callback scope is entered, no
 * `async_hooks` callback of the program runs, and no tick is drained; unref'd, it keeps nothing alive.
 * Returns false where Node's timers are not as expected.
 */
export function flushWhileIdle(internals: NodeInternals, flush: () => void): boolean {
  const binding = internals.binding<{ getLibuvNow?: () => number }>('timers');
  if (typeof binding?.getLibuvNow !== 'function') return false;
  const source = binding as { getLibuvNow(): number };
  const timer = setTimeout(() => {}, periodMs) as NodeJS.Timeout & { _idleStart?: unknown };
  timer.unref();
  if (typeof timer._idleStart !== 'number') {
    clearTimeout(timer);
    return false;
  }
  let start = timer._idleStart;
  Object.defineProperty(timer, '_idleStart', {
    configurable: true,
    enumerable: true,
    get() {
      const now = source.getLibuvNow();
      if (now - start >= periodMs) {
        start = now;
        flush();
      }
      return start;
    },
    set(value: number) {
      start = value;
    },
  });
  return true;
}
