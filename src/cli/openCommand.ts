import { resolve } from 'node:path';
import { TraceModelBuilder } from '../analyze/traceModelBuilder.ts';
import { transcript } from '../export/transcript.ts';
import { readTraceFile } from '../run/traceFile.ts';
import { openInBrowser } from './openInBrowser.ts';
import type { OpenCommand } from './parseCommand.ts';
import { eventsIn, longestTrace, shortOfMemory } from './traceMemory.ts';
import { writeReport } from './writeReport.ts';

/** Turns a trace file into a page (and opens it) or into text on standard output. Resolves to the exit code. */
export async function openCommand(command: OpenCommand): Promise<number> {
  const path = resolve(command.trace);
  const { bytes, frames } = readTraceFile(path);
  const longest = longestTrace();
  const short = shortOfMemory(eventsIn(frames), longest);
  if (short !== undefined) process.stderr.write(`interleave: ${short}\n`);
  const builder = new TraceModelBuilder({ mostEvents: longest });
  builder.push(bytes);
  const model = builder.snapshot();
  for (const warning of model.warnings) process.stderr.write(`interleave: ${warning}\n`);
  if (command.transcript) {
    process.stdout.write(transcript(model));
    return 0;
  }
  const report = resolve(command.output ?? `${path.replace(/\.interleave$/, '')}.html`);
  writeReport(report, bytes, model);
  process.stdout.write(`${report}\n`);
  if (command.browser && !(await openInBrowser(report))) {
    process.stderr.write('interleave: no browser could be started; open the page by hand\n');
  }
  return 0;
}
