import type { Task, TraceModel, Wait } from '../../../src/analyze/model.ts';
import { TraceModelBuilder, type TraceModelOptions } from '../../../src/analyze/traceModelBuilder.ts';
import { buildTrace } from './traceBuilder.ts';

/** The model of a trace in the notation of {@link buildTrace}. */
export function modelOf(text: string, options: TraceModelOptions = {}): TraceModel {
  const builder = new TraceModelBuilder(options);
  builder.push(buildTrace(text));
  return builder.snapshot();
}

/**
 * A model as lines: per task its slices `[start-end from→to]` (`(nested)` time in it) and waits `~start-end kind waker`, then turns,
 * blocks and warnings. Times in µs, sites as line numbers.
 */
export function modelText(model: TraceModel): string {
  const line = (site: number): string => {
    for (const [id, found] of model.sites) if (id === site) return `L${found.line}`;
    return site === 0 ? '.' : `site ${site}`;
  };
  const lines = model.tasks.map((task) => {
    const parts = task.slices.flatMap((slice, i) => {
      const nested = slice.nestedUs > 0 ? ` (${slice.nestedUs})` : '';
      const wait = task.waits[i];
      const text = `[${slice.startUs}-${slice.endUs} ${line(slice.fromSite)}→${line(slice.toSite)}${nested}${tracerText(slice)}]`;
      return wait ? [text, waitText(model, wait, line)] : [text];
    });
    const thread = task.thread === 0 ? '' : `@${task.thread} `;
    return `${'  '.repeat(task.depth)}${thread}${task.label}: ${parts.join(' ')} ${outcomeText(task)}`;
  });
  for (const { kind, startUs, endUs, lateUs, thread } of model.turns) {
    lines.push(`turn ${thread === 0 ? '' : `@${thread} `}${kind} ${startUs}-${endUs}${lateUs > 0 ? ` late ${lateUs}` : ''}`);
  }
  for (const callback of model.callbacks) {
    const { thread, site, startUs, endUs, nestedUs } = callback;
    const nested = nestedUs > 0 ? ` (${nestedUs})` : '';
    lines.push(`callback ${thread === 0 ? '' : `@${thread} `}${line(site)} ${startUs}-${endUs}${nested}${tracerText(callback)}`);
  }
  for (const block of model.blocks) {
    const held = block.heldUp.map((index) => model.tasks[index]?.label).join(', ');
    const where = block.task === undefined ? '' : ` in ${model.tasks[block.task]?.label}`;
    const detail = block.detail === undefined ? '' : ` (${block.detail})`;
    lines.push(
      `${block.cause} ${line(block.site)}${detail} ${block.startUs}+${block.durationUs}${where}${held ? ` holds up ${held}` : ''}`,
    );
  }
  lines.push(...model.warnings.map((warning) => `! ${warning}`));
  return lines.join('\n');
}

function tracerText({ tracerUs }: { readonly tracerUs: number }): string {
  return tracerUs > 0 ? ` tracer ${tracerUs}` : '';
}

function waitText(model: TraceModel, wait: Wait, line: (site: number) => string): string {
  const { waker } = wait;
  const ready = wait.readyUs < wait.endUs ? ` ready${wait.readyIsBound ? '≥' : ' '}${wait.readyUs}` : '';
  const by =
    waker === undefined
      ? ''
      : waker.type === 'turn'
        ? ` by ${waker.kind}#${waker.turn}`
        : ` by ${model.tasks[waker.task]?.label} ${line(waker.site)} ${waker.how}`;
  const awaited = wait.awaited.length === 0 ? '' : ` of ${wait.awaited.map((index) => model.tasks[index]?.label).join('+')}`;
  const kind = wait.kindFrom === 'source' ? `${wait.kind}?` : wait.kind;
  return `~${wait.startUs}-${wait.endUs}${wait.open ? '…' : ''} ${kind}${by}${awaited}${ready}${wait.threw ? ' threw' : ''}~`;
}

function outcomeText(task: Task): string {
  return task.outcome === 'threw' ? `threw ${task.error ?? ''}`.trim() : task.outcome;
}

/** Text with the indentation of its first line taken off every line and blank ends left out, for expectations in tests. */
export function outdent(text: string): string {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n');
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent)).join('\n');
}
