import type { MendFunctions } from './quotedProbes.ts';
import type { ThrowStacks } from '../stacks/throwStacks.ts';

/** What instrumented text calls, by the names in `probeNames`. Synchronous, never throws, allocates nothing per event. */
export interface Probes {
  enter(site: number): number;
  suspend(task: number, site: number, value?: unknown): unknown;
  resume(task: number, value?: unknown): unknown;
  caught(task: number, inFinally?: 1): void;
  complete(task: number, value?: unknown): unknown;
  thrown(task: number, value: unknown): unknown;
  mend(error: unknown): unknown;
  settle(task: number): void;
  blockArgument(value: unknown): unknown;
  blockBegin(site: number): number;
  blockEnd(token: number, value?: unknown): unknown;
  settleCall(site: number, value?: unknown): unknown;
  callbackBegin(site: number): number;
  callbackEnd(token: number): void;
  /** What the tracer does next takes long, and is no time of the program. */
  tracerBegins(): void;
  /** It is done; `tell`: the trace shall say how long it took. */
  tracerEnds(tell: boolean): void;
  /** A turn of the event loop begins: no task is running, whatever the stack says. */
  turnBegins(): void;
}

/** What probes are helped by, where it is there. */
export interface ProbeHelp {
  readonly throwStacks?: ThrowStacks;
  readonly mendFunctions?: MendFunctions;
}
