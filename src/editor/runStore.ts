import type { Task, TraceModel } from '../analyze/model.ts';
import { TraceModelBuilder } from '../analyze/traceModelBuilder.ts';
import type { ExitRecord } from '../shared/traceRecords.ts';
import { ByteLog } from './byteLog.ts';
import { baseName, errorText } from './host.ts';

export const maxTraceBytes = 256 * 1024 * 1024;
/** The model of a longer trace would weigh on the editor; figures at the lines then stand for its first part, and say so. */
export const maxModelBytes = 48 * 1024 * 1024;

/** What was asked to be traced; enough to do it again. */
export interface RunTarget {
  /** Absolute path. */
  readonly path: string;
  readonly call?: { readonly exportName: string; readonly args: readonly unknown[] };
}

/** How a program ended. */
export interface RunEnding extends Pick<ExitRecord, 'cause' | 'code' | 'signal' | 'message'> {
  readonly afterMs: number;
}

/** One run as the editor keeps it. */
export interface StoredRun {
  readonly title: string;
  /** Unset for a trace that was read back. */
  readonly target: RunTarget | undefined;
  readonly log: ByteLog;
  readonly state: 'running' | 'finished';
  /** Set when the bytes could not be read as a trace. */
  readonly damage: string | undefined;
  /** True when the model holds only the first part of the trace. */
  readonly partial: boolean;
  /** How the program ended, as its launcher says; unset while it runs, and for a trace that was read back. */
  readonly ending: RunEnding | undefined;
}

export type StoreEvent =
  /** Another run is the last one now. */
  | 'begun'
  /** Bytes were added. */
  | 'grown'
  | 'finished'
  | 'cleared';

type Listener = (event: StoreEvent) => void;
interface MutableRun extends StoredRun {
  state: 'running' | 'finished';
  damage: string | undefined;
  partial: boolean;
  ending: RunEnding | undefined;
}

/** A snapshot of a long trace costs; while it grows no more than a twentieth of the time goes into them. */
const snapshotShare = 20;

/** The last run of the workspace: its bytes, its model, and those who want to know of changes. */
export class RunStore {
  readonly #listeners = new Set<Listener>();
  #run: MutableRun | undefined;
  #builder = new TraceModelBuilder();
  #fed = 0;
  #model: TraceModel | undefined;
  #outdated = false;
  #nextSnapshotAt = 0;

  get run(): StoredRun | undefined {
    return this.#run;
  }

  /** What the trace says so far, a moment late while it grows fast. Undefined before any run. */
  get model(): TraceModel | undefined {
    const run = this.#run;
    if (!run) return undefined;
    if (this.#model && (!this.#outdated || (run.state === 'running' && performance.now() < this.#nextSnapshotAt)))
      return this.#model;
    const before = performance.now();
    this.#model = this.#builder.snapshot();
    this.#outdated = false;
    const after = performance.now();
    this.#nextSnapshotAt = after + (after - before) * snapshotShare;
    return this.#model;
  }

  begin(target: RunTarget, longSliceMs: number): void {
    this.#reset({ title: runTitle(target), target }, longSliceMs);
    this.#tell('begun');
  }

  /** Adds bytes of the running trace; false from the moment they no longer fit. */
  append(bytes: Uint8Array): boolean {
    const run = this.#run;
    if (run?.state !== 'running') return false;
    const kept = run.log.append(bytes);
    if (kept) this.#feed(run, bytes);
    this.#tell('grown');
    return kept;
  }

  /** The program has ended; `ending` tells how also where the trace is too long to be read to its end. */
  finish(ending: RunEnding): void {
    if (this.#run?.state !== 'running') return;
    this.#run.state = 'finished';
    this.#run.ending = ending;
    this.#tell('finished');
  }

  /** Puts a whole trace in the place of the last run. */
  load(title: string, bytes: Uint8Array): void {
    const run = this.#reset({ title, target: undefined });
    run.log.append(bytes);
    this.#feed(run, bytes);
    run.state = 'finished';
    this.#tell('begun');
    this.#tell('finished');
  }

  clear(): void {
    this.#run = undefined;
    this.#model = undefined;
    this.#builder = new TraceModelBuilder();
    this.#tell('cleared');
  }

  onDidChange(listener: Listener): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  #reset(about: { readonly title: string; readonly target: RunTarget | undefined }, longSliceMs?: number): MutableRun {
    this.#builder = new TraceModelBuilder(longSliceMs === undefined ? {} : { longSliceMs });
    this.#fed = 0;
    this.#model = undefined;
    this.#outdated = false;
    return (this.#run = {
      ...about,
      log: new ByteLog(maxTraceBytes),
      state: 'running',
      damage: undefined,
      partial: false,
      ending: undefined,
    });
  }

  #feed(run: MutableRun, bytes: Uint8Array): void {
    if (run.damage !== undefined) return;
    if (this.#fed + bytes.length > maxModelBytes) {
      run.partial = true;
      return;
    }
    this.#fed += bytes.length;
    try {
      this.#builder.push(bytes);
    } catch (error) {
      run.damage = errorText(error);
    }
    this.#outdated = true;
  }

  #tell(event: StoreEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** `crawler.ts`, or `crawler.ts: load(…)`. */
export function runTitle(target: RunTarget): string {
  return target.call ? `${baseName(target.path)}: ${target.call.exportName}(…)` : baseName(target.path);
}

/** Why a finished run shows nothing: no file was instrumented, or no task ran. Undefined where there is something to see. */
export function whyEmpty(model: TraceModel): 'nothing-loaded' | { readonly skipped: string } | 'no-tasks' | undefined {
  if (model.tasks.length > 0 || model.callbacks.length > 0) return undefined;
  if (model.files.some(({ status }) => status === 'instrumented')) return model.blocks.length > 0 ? undefined : 'no-tasks';
  const entry = model.files.find(({ path }) => path === model.run?.entry) ?? model.files[0];
  return entry?.reason === undefined ? 'nothing-loaded' : { skipped: `${baseName(entry.path)}: ${entry.reason}` };
}

/** Tasks that had not settled when the trace ended. */
export function unsettledTasks(model: TraceModel): readonly Task[] {
  return model.tasks.filter(({ outcome }) => outcome === 'unsettled');
}
