import { TraceFormatError } from '../shared/traceFrames.ts';
import { RunError } from '../run/errors.ts';
import { ownVersion } from './installation.ts';
import { lintCommand } from './lintCommand.ts';
import { openCommand } from './openCommand.ts';
import { parseCommand, type Command } from './parseCommand.ts';
import { psCommand } from './psCommand.ts';
import { runCommand } from './runCommand.ts';
import { lintHelp, openHelp, overviewHelp, psHelp, runHelp, UsageError, usageExitCode } from './usage.ts';

const helpTexts = { run: runHelp, open: openHelp, lint: lintHelp, ps: psHelp } as const;

async function perform(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      process.stdout.write(command.topic === undefined ? overviewHelp : helpTexts[command.topic]);
      return 0;
    case 'version':
      process.stdout.write(`${ownVersion()}\n`);
      return 0;
    case 'run':
      return await runCommand(command);
    case 'open':
      return await openCommand(command);
    case 'lint':
      return await lintCommand(command);
    case 'ps':
      return await psCommand(command);
  }
}

async function main(): Promise<void> {
  try {
    process.exitCode = await perform(parseCommand(process.argv.slice(2)));
  } catch (error) {
    const expected = error instanceof UsageError || error instanceof RunError || error instanceof TraceFormatError;
    // A defect of ours keeps its stack; what the person can mend is one line.
    process.stderr.write(`interleave: ${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? usageExitCode : 1;
  }
}

void main();
