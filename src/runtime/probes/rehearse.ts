import type { Probes } from './probeTypes.ts';
import { limit } from '../record/recorderState.ts';

/**
 * V8 compiles a function at its first call, for which it wants 40 KiB of stack. Where a program has used nearly all of it, a probe that
 * was never called before would throw, at every level of a deep recursion. So all that a task can need is called once; it leaves no word.
 */
export function rehearse(probes: Probes, words: Int32Array, state: Int32Array): void {
  const before = new Int32Array(state);
  state[limit] = words.length;
  const outer = probes.enter(0);
  const inner = probes.enter(0);
  probes.suspend(outer, 0);
  probes.resume(outer);
  for (let pass = 0; pass < 4; pass++) {
    probes.suspend(inner, 0);
    probes.resume(inner);
  }
  probes.suspend(inner, 0);
  probes.caught(inner);
  probes.settleCall(0);
  probes.settle(inner);
  probes.complete(outer);
  probes.settle(outer);
  probes.callbackEnd(probes.callbackBegin(1));
  for (let i = 0; i < before.length; i++) state[i] = before[i] as number;
}
