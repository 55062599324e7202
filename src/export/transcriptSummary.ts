import { criticalPath, type PathStep } from '../analyze/criticalPath.ts';
import { findings } from '../analyze/findings.ts';
import { countKinds, taskTotals } from '../analyze/ledger.ts';
import type { Task, TraceModel } from '../analyze/model.ts';
import type { StackFrame } from '../shared/traceRecords.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { baseName, placeText, siteText } from './placeText.ts';
import { blockText, oneLine, type Wording } from './transcriptWords.ts';

/** Lines of each part of the summary that are written at most. */
const mostLines = 1000;
/** Steps of the critical path that took less than this part of it are not told. */
const leastPartOfPath = 0.01;

/** The sections after the events: tasks, waits by kind, blocking calls, errors, critical path, findings. Empty sections are left out. */
export function summaryLines(words: Wording): string[] {
  const { model } = words;
  const problems = findings(model).filter((finding) => finding.rule !== 'blocking');
  return [
    ...section('tasks', taskLines(words)),
    ...section(
      'waits',
      countKinds(model.tasks.flatMap((task) => task.waits)).map(({ kind, count, totalUs, inferred }) => {
        const total = words.duration(totalUs);
        const guessed = inferred > 0 ? `, ${inferred} by the source only` : '';
        return `  ${kind}  ${count} ${count === 1 ? 'wait' : 'waits'}${total === undefined ? '' : `, ${total} in all`}${guessed}`;
      }),
    ),
    ...section(
      'blocking',
      model.blocks
        .toSorted((a, b) => b.durationUs - a.durationUs)
        .map((block) => {
          const task = block.task === undefined ? undefined : model.tasks[block.task];
          return `  ${words.taskName(task, block.thread)}  ${blockText(words, block)}`;
        }),
    ),
    ...section('errors', errorLines(words)),
    ...section('critical path', pathLines(words)),
    ...section(
      'findings',
      problems.map((finding) => {
        return `  ${finding.rule}  ${placeText(model, finding)}  ${finding.message}`;
      }),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, mostLines);
  if (lines.length > shown.length) shown.push(`  … ${lines.length - shown.length} more left out`);
  return ['', title, ...shown];
}

function taskLines(words: Wording): string[] {
  const { model } = words;
  const lines: string[] = [];
  const rest = model.tasks.filter((task) => task.parent === undefined).reverse();
  // An own stack: a chain of ten thousand calls is deeper than the engine's.
  for (let task = rest.pop(); task; task = rest.pop()) {
    lines.push(`${'  '.repeat(Math.min(task.depth, 40) + 1)}${words.taskName(task)}${timesText(words, task)}`);
    for (const child of task.children.toReversed()) {
      const found = model.tasks[child];
      if (found) rest.push(found);
    }
  }
  return lines;
}

function timesText(words: Wording, task: Task): string {
  const totals = taskTotals(task);
  const parts: string[] = [];
  const add = (name: string, us: number): void => {
    const text = us > 0 ? words.duration(us) : undefined;
    if (text !== undefined) parts.push(`${name} ${text}`);
  };
  add('running', totals.runningUs);
  add('instrumenting files', totals.tracerUs);
  for (const [kind, us] of totals.waitingByKind) add(kind, us);
  add(totals.readyIsBound ? 'ready at most' : 'ready', totals.readyUs);
  if (task.outcome !== 'returned') parts.push(task.outcome);
  const span = words.duration(totals.spanUs);
  const head = span === undefined ? '' : `  ${span}`;
  return parts.length === 0 ? head : `${head}  ${parts.join(', ')}`;
}

/** Errors that a task's own `throw` made, with where that was; tasks that only passed one on are named in its stack. */
function errorLines(words: Wording): string[] {
  const { model } = words;
  // Those it passed through share the stack: the one that threw began last.
  const threw = new Map(model.tasks.flatMap((task) => (task.errorStack ? [[task.errorStack, task] as const] : [])));
  return [...threw].flatMap(([errorStack, task]) => {
    const error = task.error ?? '';
    return [`  ${words.taskName(task)}  ${oneLine(error)}`, ...errorStack.map((frame) => `    ${frameText(model, frame)}`)];
  });
}

function frameText(model: TraceModel, { name, path, line, async }: StackFrame): string {
  const called = `${async ? 'at async' : 'at'} ${name}`;
  if (path === undefined || line === undefined) return called;
  if (path === model.run?.entry) return `${called}  L${line}`;
  return `${called}  ${path.startsWith('node:') ? path : baseName(path)}:${line}`;
}

function pathLines(words: Wording): string[] {
  const steps = criticalPath(words.model);
  const first = steps[0];
  const last = steps.at(-1);
  if (!first || !last) return [];
  const leastUs = (last.endUs - first.startUs) * leastPartOfPath;
  return steps.filter((step) => step.endUs - step.startUs > leastUs).map((step) => `  ${stepText(words, step)}`);
}

function stepText(words: Wording, step: PathStep): string {
  const task = words.taskName(words.model.tasks[step.task]);
  const length = words.duration(step.endUs - step.startUs);
  const took = length === undefined ? '' : ` ${length}`;
  const where = siteText(words.model, step.site);
  return step.type === 'slice' ? `${task}  runs${took} from ${where}` : `${task}  waits${took} at ${where} · ${step.kind}`;
}

/** Files left bare for a reason worth telling, in order of loading, and how many simply have no async code. */
export function skippedFiles(model: TraceModel): {
  readonly told: readonly { readonly path: string; readonly reason: string }[];
  readonly withoutAsyncCode: number;
} {
  const skipped = model.files.filter(({ status }) => status === 'skipped');
  const told = skipped.filter(({ reason }) => reason !== noAsyncCode);
  return {
    told: told.map(({ path, reason }) => ({ path, reason: reason ?? 'no reason is known' })),
    withoutAsyncCode: skipped.length - told.length,
  };
}
