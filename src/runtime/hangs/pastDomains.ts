import type { NodeInternals } from '../nodeInternals.ts';

type DomainCallback = (this: unknown, callback: unknown, ...args: unknown[]) => unknown;
interface AsyncHooksInternals {
  useDomainTrampoline?: (callback: DomainCallback) => void;
}

/**
 * Node's `domain` module enters the current domain around what Node calls without a context, and warns that this is deprecated
 * (`topLevelDomainCallback` in domain.js). The emission of an event on `process` is such a call: where `isUnseen` says so it passes by.
 * To be called before the program loads that module.
 */
export function emitPastDomains(internals: NodeInternals, event: string, isUnseen: () => boolean): void {
  const hooks = internals.module<AsyncHooksInternals>('internal/async_hooks');
  const { useDomainTrampoline: use } = hooks ?? {};
  if (hooks === undefined || typeof use !== 'function') return;
  const { apply } = Reflect;
  hooks.useDomainTrampoline = (enterDomain) =>
    use(function passBy(this: unknown, callback, ...args) {
      if (this === process && args[0] === event && isUnseen()) return apply(callback as () => unknown, this, args);
      return apply(enterDomain, this, [callback, ...args]);
    });
}
