import { askRuns } from '../run/runRegistry.ts';
import type { PsCommand } from './parseCommand.ts';
import { psTable } from './psTable.ts';

/** Prints what the runs of this person are doing. Resolves to the exit code: 1 where there is none, or not the one asked for. */
export async function psCommand(command: PsCommand): Promise<number> {
  const reports = await askRuns();
  const shown = command.pid === undefined ? reports : reports.filter(({ pid }) => pid === command.pid);
  if (command.format === 'json') process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
  else if (shown.length > 0) {
    const columns = process.stdout.isTTY ? Math.max(40, process.stdout.columns) : undefined;
    process.stdout.write(`${shown.map((report) => psTable(report, Date.now(), columns)).join('\n\n')}\n`);
  }
  if (shown.length > 0) return 0;
  process.stderr.write(
    `interleave: ${whyNone(
      command.pid,
      reports.map(({ pid }) => pid),
    )}\n`,
  );
  return 1;
}

function whyNone(wanted: number | undefined, pids: readonly number[]): string {
  if (wanted === undefined || pids.length === 0) return 'No traced program is running.';
  return `Process ${wanted} is not a program being traced. These are: ${pids.join(', ')}.`;
}
