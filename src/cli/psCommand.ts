import { askRuns } from '../run/runRegistry.ts';
import type { PsCommand } from './parseCommand.ts';
import { psTable } from './psTable.ts';

/** Prints what the runs of this person are doing. Resolves to the exit code: 1 where there is none, or not the one asked for. */
export async function psCommand(command: PsCommand): Promise<number> {
  const { reports, silent } = await askRuns();
  const shown = command.pid === undefined ? reports : reports.filter(({ pid }) => pid === command.pid);
  if (command.format === 'json') process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
  else if (shown.length > 0) {
    const columns = process.stdout.isTTY ? Math.max(40, process.stdout.columns) : undefined;
    process.stdout.write(`${shown.map((report) => psTable(report, Date.now(), columns)).join('\n\n')}\n`);
  }
  const pids = reports.map(({ pid }) => pid);
  if (shown.length === 0 && (pids.length > 0 || silent === 0)) say(whyNone(command.pid, pids));
  if (silent > 0) say(silentText(silent));
  return shown.length > 0 ? 0 : 1;
}

function say(text: string): void {
  process.stderr.write(`interleave: ${text}\n`);
}

function whyNone(wanted: number | undefined, pids: readonly number[]): string {
  if (wanted === undefined || pids.length === 0) return 'No traced program is running.';
  return `Process ${wanted} is not a program being traced. These are: ${pids.join(', ')}.`;
}

function silentText(silent: number): string {
  const which = silent === 1 ? 'A traced program gives' : `${silent} traced programs give`;
  return `${which} no answer: the interleave that runs it is stopped, busy, or of another version.`;
}
