import { firstFollowedThread, mainThread, type ThreadId } from '../shared/ids.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import { nameTasks } from '../analyze/findings.ts';
import type { BlockingSpan, Callback, Task, TraceModel, Wait } from '../analyze/model.ts';
import { placeText, siteText } from './placeText.ts';
import type { Entry } from './transcriptEntries.ts';

/** Puts what a trace says into the words of the transcript language. */
export interface Wording {
  readonly model: TraceModel;
  /** A moment: `0.001234 s`; undefined where moments are left out. */
  moment(us: number): string | undefined;
  /** A duration; undefined where it is too short to be told. */
  duration(us: number): string | undefined;
  /** A duration of the wall clock whatever clock the run had; undefined where it is not to be told. */
  wallDuration(us: number): string | undefined;
  /** What ran on a thread: a task, else the program itself. */
  taskName(task: Task | undefined, thread?: ThreadId): string;
  callbackName(callback: Callback): string;
}

/** Waits that could have ended this much earlier say so, in µs. Node's loop counts in milliseconds, so one more or less means nothing. */
const tellReadyFromUs = 2000;

/** `normalised`: only what is the same in every run of a program that itself is. */
export function wordingOf(model: TraceModel, normalised: boolean): Wording {
  const virtual = model.run?.clock === 'virtual';
  return {
    model,
    moment(us) {
      if (!normalised) return `${(us / 1e6).toFixed(6)} s`;
      // Reading the virtual clock moves it by microseconds; whole milliseconds are what timers were set to.
      return virtual ? `${(us / 1e6).toFixed(3)} s` : undefined;
    },
    duration(us) {
      if (!normalised) return formatDuration(us as DurationUs);
      if (!virtual) return us < 50_000 ? undefined : `${(us / 1e6).toFixed(1)} s`;
      return us < 500 ? undefined : formatDuration((Math.round(us / 1000) * 1000) as DurationUs);
    },
    wallDuration(us) {
      if (!virtual) return this.duration(us);
      return normalised ? undefined : `${formatDuration(us as DurationUs)} of wall time`;
    },
    taskName(task, thread = task?.thread) {
      return onThread(model, task ? task.label : '(program)', thread);
    },
    callbackName({ site, thread }) {
      return onThread(model, model.sites.get(site)?.name ?? '(callback)', thread);
    },
  };
}

/** Two blanks end a name in the language of the transcript. */
function onThread(model: TraceModel, name: string, thread: ThreadId | undefined): string {
  return thread === undefined || thread === mainThread ? oneLine(name) : `${oneLine(name)} @${threadMark(model, thread)}`;
}

/** Worker threads by Node's number, processes as `p1`, their worker threads as `p1.1`. */
export function threadMark(model: TraceModel, thread: ThreadId): string {
  if (thread < firstFollowedThread) return String(thread);
  for (const [index, { thread: main, workers }] of model.processes.entries()) {
    if (main === thread) return `p${index + 1}`;
    const worker = workers.indexOf(thread);
    if (worker >= 0) return `p${index + 1}.${worker + 1}`;
  }
  return String(thread);
}

/** What an entry says after its task. */
export function entryText(words: Wording, entry: Entry): string {
  const { model } = words;
  switch (entry.type) {
    case 'start': {
      const site = model.sites.get(entry.task.site);
      const parent = entry.task.parent === undefined ? undefined : model.tasks[entry.task.parent];
      return `starts${parent ? ` in ${words.taskName(parent)}` : ''}${site ? ` at ${placeText(model, site)}` : ''}`;
    }
    case 'suspend':
      if (entry.site === 0) return 'stops at a place without a probe';
      return `suspends at ${siteText(model, entry.site)} · ${kindText(entry.wait)}${entry.wait.open ? openText(model) : ''}`;
    case 'resume':
      return resumeText(words, entry.wait);
    case 'settle':
      if (entry.task.outcome !== 'threw') return 'settles';
      return entry.task.error === undefined ? 'throws' : `throws ${oneLine(entry.task.error)}`;
    case 'callback':
      return callbackText(words, entry.callback);
    case 'block':
      return blockText(words, entry.block);
  }
}

/** Callbacks that took at least this long, in µs, say so. */
const tellCallbackFromUs = 1000;

function callbackText(words: Wording, { site, startUs, endUs }: Callback): string {
  const found = words.model.sites.get(site);
  const took = endUs - startUs >= tellCallbackFromUs ? words.duration(endUs - startUs) : undefined;
  return `runs${took === undefined ? '' : ` ${took}`}${found ? ` at ${placeText(words.model, found)}` : ''}`;
}

/** Before the program's end nobody knows what may still come. */
function openText(model: TraceModel): string {
  return model.exit ? ', never resumes' : ', not resumed yet';
}

function resumeText(words: Wording, wait: Wait): string {
  const took = words.duration(wait.atMostUs ?? wait.endUs - wait.startUs);
  const after = took === undefined || wait.atMostUs === undefined ? took : `at most ${took}`;
  const parts = [
    `resumes${wait.threw ? ' with a throw' : ''}${after === undefined ? '' : ` after ${after}`} · ${kindText(wait)}`,
  ];
  const by = wakerText(words, wait);
  if (by !== undefined) parts.push(by);
  const readyUs = wait.endUs - wait.readyUs;
  const ready = readyUs >= tellReadyFromUs && wait.kind !== 'settled' ? words.duration(readyUs) : undefined;
  if (ready !== undefined) parts.push(`ready for ${wait.readyIsBound ? 'at most ' : ''}${ready}`);
  return parts.join(', ');
}

/** `timer`; `timer?` where only the source says so. */
export function kindText(wait: Pick<Wait, 'kind' | 'kindFrom'>): string {
  return wait.kindFrom === 'observed' ? wait.kind : `${wait.kind}?`;
}

function wakerText(words: Wording, wait: Wait): string | undefined {
  const { waker } = wait;
  if (waker?.type !== 'task') return undefined;
  const name = words.taskName(words.model.tasks[waker.task]);
  if (waker.how === 'settled') return `woken by ${name}`;
  const site = words.model.sites.get(waker.site);
  return `${waker.how === 'inferred' ? 'likely ' : ''}woken by ${name}${site ? ` at ${placeText(words.model, site)}` : ''}`;
}

/** `blocks 1.00 s at L9 Atomics.wait(…), holding up main`. */
export function blockText(words: Wording, block: BlockingSpan): string {
  const length = words.wallDuration(block.durationUs);
  const slice = block.atMost ? 'in slices' : 'in the slice';
  const where = `${block.cause === 'call' ? 'at' : `${slice} from`} ${siteText(words.model, block.site)}`;
  const within =
    block.heldAt === undefined || block.cause === 'call'
      ? ''
      : `, held at ${placeText(words.model, block.heldAt)} in ${block.heldAt.name}`;
  const detail = block.detail === undefined ? '' : ` (${oneLine(block.detail)})`;
  const victims = block.heldUp.length === 0 ? '' : `, holding up ${nameTasks(words.model, block.heldUp)}`;
  return `blocks${length === undefined ? '' : ` ${block.atMost ? 'at most ' : block.atLeast ? 'at least ' : ''}${length}`} ${where}${within}${detail}${victims}`;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
