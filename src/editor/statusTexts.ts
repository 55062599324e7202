import type { TraceModel } from '../analyze/model.ts';
import { formatDuration, type DurationUs } from '../shared/time.ts';
import type { LiveReport } from '../shared/liveReport.ts';
import type { Translate } from './host.ts';
import { heldTexts } from './liveTexts.ts';
import { type RunEnding, type StoredRun, unsettledTasks, whyEmpty } from './runStore.ts';
import { countTasks } from './words.ts';

export interface StatusText {
  readonly text: string;
  /** Lines of the tooltip. */
  readonly details: readonly string[];
  readonly warning: boolean;
}

/** What the status bar says of the last run. `held` is set while the loop of the running one is. */
export function statusText(run: StoredRun, model: TraceModel, t: Translate, held?: LiveReport): StatusText {
  const [first, ...others] = run.state === 'running' && held !== undefined ? heldTexts(held, t) : [];
  if (first !== undefined) {
    const text = `$(warning) ${t('loop held for {0}', formatDuration(first.hang.heldUs))}`;
    const details = [t('Tracing {0}', run.title), ...[first, ...others].map((one) => one.text)];
    return { text, details, warning: true };
  }
  if (run.state === 'running') {
    return {
      text: `$(sync~spin) ${countTasks(model.tasks.length, t)}`,
      details: [t('Tracing {0}', run.title), ...model.notices],
      warning: false,
    };
  }
  const details = [t('Last run: {0}', run.title)];
  if (run.damage !== undefined)
    return { text: `$(warning) ${t('trace damaged')}`, details: [...details, run.damage], warning: true };
  const reason = emptyReason(model, t);
  const ending = endingOf(run, model, t);
  if (ending) details.push(ending);
  if (reason !== undefined)
    return { text: `$(warning) ${t('nothing instrumented')}`, details: [...details, reason], warning: true };
  const parts = [countTasks(model.tasks.length, t), formatDuration(model.endUs as number as DurationUs)];
  const unsettled = unsettledTasks(model).length;
  if (unsettled > 0) details.push(t('{0} never settled', countTasks(unsettled, t)));
  const skipped = model.files.filter(({ status }) => status === 'skipped');
  if (skipped.length > 0)
    details.push(skipped.length === 1 ? t('1 file was not instrumented') : t('{0} files were not instrumented', skipped.length));
  const processes = model.processes.length;
  if (processes > 0)
    details.push(processes === 1 ? t('1 child process was followed') : t('{0} child processes were followed', processes));
  if (model.run?.clock === 'virtual') details.push(t("Virtual time: durations are the clock's, not a measure of speed"));
  if (model.counts.dropped > 0) details.push(t('{0} events were lost because memory ran out', model.counts.dropped));
  if (run.partial) details.push(t('Figures at the lines stand for the first part of this long trace'));
  details.push(...model.warnings);
  return { text: `$(pulse) ${parts.join(' · ')}`, details, warning: false };
}

/** Why a finished run shows nothing; undefined where it shows something. */
export function emptyReason(model: TraceModel, t: Translate): string | undefined {
  const why = whyEmpty(model);
  if (why === undefined) return undefined;
  const [notice] = model.notices;
  if (notice !== undefined) return notice;
  if (why === 'no-tasks') return t('the files were instrumented, but no async function ran.');
  if (why === 'nothing-loaded')
    return model.target?.limits[0] ?? t('the program loaded none of your files, or all it loaded are excluded.');
  return why.skipped;
}

function endingOf(run: StoredRun, model: TraceModel, t: Translate): string | undefined {
  if (run.ending) return exitText(run.ending, t);
  return model.exit && exitText({ ...model.exit, afterMs: model.exit.afterUs / 1000 }, t);
}

/** How the program ended: `Exit code 0, 1.02 s after launch`. */
export function exitText(exit: RunEnding, t: Translate): string {
  const after = formatDuration((exit.afterMs * 1000) as DurationUs);
  switch (exit.cause) {
    case 'cancelled':
      return t('Stopped by you, {0} after launch', after);
    case 'timeout':
      return t('Stopped at the time limit, {0} after launch', after);
    case 'spawn-failed':
      return exit.message ?? t('The program could not be started');
    case 'exited':
      if (exit.signal !== null) return t('Ended by {0}, {1} after launch', exit.signal, after);
      if (exit.code === 13) return t('Exit code 13, {0} after launch: a top-level await never settled', after);
      return t('Exit code {0}, {1} after launch', exit.code ?? '?', after);
  }
}
