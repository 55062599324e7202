import { mainThread, type ThreadId } from '../shared/ids.ts';
import type { ChildProcessRecord, ProcessEndRecord, ProcessRecord, TargetRecord, ThreadRecord } from '../shared/traceRecords.ts';
import type { TracedProcess, TraceModel } from './model.ts';

/** How many of a sort are named. */
const mostNamed = 3;
/** See {@link ChildProcessRecord}. */
const mostStarts = 1000;

interface ProcessState {
  readonly record: ProcessRecord;
  readonly workers: ThreadId[];
  end: ProcessEndRecord | undefined;
  limits: readonly string[];
  finished: boolean;
}

/** What a trace says of the processes that the program started, and of the threads of all. */
export class ProcessTracker {
  readonly #starts = new Map<string, ChildProcessRecord>();
  readonly #processes = new Map<ThreadId, ProcessState>();
  readonly #threads = new Map<ThreadId, ThreadRecord>();
  /** Starts that led to a process which came to the trace. */
  readonly #arrived = new Set<string>();

  started(record: ChildProcessRecord): void {
    this.#starts.set(keyOf(record.thread, record.start), record);
  }

  came(record: ProcessRecord): void {
    if (record.left === undefined) this.#arrived.add(keyOf(record.parent, record.start));
    this.#processes.set(record.thread, { record, workers: [], end: undefined, limits: [], finished: false });
  }

  ended(record: ProcessEndRecord): void {
    const state = this.#processes.get(record.thread);
    if (state) state.end = record;
  }

  /** Its last record has come, which a killed process leaves none of. */
  finished(thread: ThreadId): void {
    const state = this.#processes.get(thread);
    if (state) state.finished = true;
  }

  limited(thread: ThreadId, { limits }: TargetRecord): void {
    const state = this.#processes.get(thread);
    if (state) state.limits = limits;
  }

  thread(record: ThreadRecord): void {
    this.#threads.set(record.thread, record);
    if (record.process !== undefined) this.#processes.get(record.process)?.workers.push(record.thread);
  }

  threadNames(): Map<ThreadId, string> {
    const names = new Map<ThreadId, string>();
    for (const { record } of this.#processes.values()) names.set(record.thread, processName(record));
    for (const { thread, name, process } of this.#threads.values()) {
      const owner = process === undefined ? undefined : this.#processes.get(process)?.record;
      names.set(thread, owner === undefined ? name : `process ${owner.pid}, ${name}`);
    }
    return names;
  }

  processes(): TracedProcess[] {
    return [...this.#processes.values()]
      .filter(({ record }) => record.left === undefined)
      .map(({ record, workers, end, finished }) => ({
        thread: record.thread,
        pid: record.pid,
        nodeVersion: record.nodeVersion,
        name: record.name,
        parent: record.parent,
        command: this.#starts.get(keyOf(record.parent, record.start))?.command,
        workers: workers.slice(),
        files: end && { instrumented: end.instrumented, skipped: end.skipped },
        finished,
        outlived: end?.outlived === true,
      }));
  }

  /** What was not traced of them, or otherwise than the rest, in plain words. `complete`: what has not come will not come. */
  warnings(complete: boolean, virtual: boolean): string[] {
    const all = [...this.#processes.values()].filter(({ record }) => record.left === undefined);
    const warnings = all.flatMap(({ record, limits }) => limits.map((limit) => `${processName(record)}: ${limit}`));
    if (virtual && all.length > 0)
      warnings.push('the virtual clock is that of the program alone: the times of its child processes are wall time');
    warnings.push(...this.#untraced(complete));
    const bare = all.filter(({ end }) => end?.instrumented === 0);
    if (bare.length > 0) {
      const who = bare.length === 1 ? '1 child process' : `${bare.length} child processes`;
      const them = bare.length === 1 ? 'it' : 'them';
      warnings.push(`${who} ran no instrumented file, so nothing of ${them} is here: ${named(bare.map(nameOfState))}`);
    }
    const outlived = all.filter(({ end }) => end?.outlived === true);
    if (outlived.length > 0) {
      const were = outlived.length === 1 ? 'was' : 'were';
      warnings.push(`${named(outlived.map(nameOfState))} ${were} still running when the run ended: the rest is not in the trace`);
    }
    if ([...this.#starts.values()].some(({ start }) => start >= mostStarts))
      warnings.push(`of each thread only the first ${mostStarts.toLocaleString('en')} child processes are followed and named`);
    return warnings;
  }

  #untraced(complete: boolean): string[] {
    const left = new Map<string, string>();
    for (const { record } of this.#processes.values())
      if (record.left !== undefined) left.set(keyOf(record.parent, record.start), record.left);
    const byReason = new Map<string, string[]>();
    for (const [key, record] of this.#starts) {
      if (this.#arrived.has(key)) continue;
      const known = record.left ?? left.get(key);
      if (known === undefined && !complete) continue;
      const reason = known ?? 'it did not come to the trace before it or the run ended';
      const commands = byReason.get(reason);
      if (commands === undefined) byReason.set(reason, [record.command]);
      else commands.push(record.command);
    }
    return [...byReason].map(([reason, commands]) => untracedText(reason, commands));
  }
}

/** True of the first thread of each process. */
export function isMainThread(model: TraceModel, thread: ThreadId): boolean {
  return thread === mainThread || model.processes.some((process) => process.thread === thread);
}

function keyOf(thread: ThreadId, start: number): string {
  return `${thread}:${start}`;
}

function processName({ pid, name }: ProcessRecord): string {
  return `process ${pid} (${name})`;
}

function nameOfState({ record }: ProcessState): string {
  return processName(record);
}

/** Those that occur most often first. */
function named(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const shown = byCount.slice(0, mostNamed).map(([text, count]) => `${text}${count > 1 ? ` (${count} times)` : ''}`);
  return shown.join(', ') + (byCount.length > mostNamed ? ` and ${byCount.length - mostNamed} more` : '');
}

function untracedText(reason: string, commands: readonly string[]): string {
  const [who, them] =
    commands.length === 1
      ? ['1 child process that runs Node was', 'it']
      : [`${commands.length} child processes that run Node were`, 'them'];
  return `${who} not traced (${reason}), only what waited for ${them} is here: ${named(commands.map((command) => `\`${command}\``))}`;
}
