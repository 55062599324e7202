import { dirname, join, resolve, sep } from 'node:path';
import { existsSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { TraceModelBuilder } from '../analyze/traceModelBuilder.ts';
import { summary } from '../export/summary.ts';
import { transcript } from '../export/transcript.ts';
import { runErrors } from '../run/errors.ts';
import { launchTarget } from '../run/launch.ts';
import type { RunResult, TraceSink } from '../run/launchOptions.ts';
import { findNodeBinary } from '../run/nodeBinary.ts';
import { FrameReader } from '../shared/traceFrames.ts';
import { defaultExclude } from '../shared/targetOptions.ts';
import { cacheFolder } from './cacheFolder.ts';
import { distDir, ownVersion } from './installation.ts';
import { followLive } from './liveRun.ts';
import type { RunCommand } from './parseCommand.ts';
import { eventsIn, longestTrace, shortOfMemory } from './traceMemory.ts';
import { openTraceOutput } from './traceOutput.ts';
import { writeReport } from './writeReport.ts';

/** The exit code of `interleave run` where the program itself could not be started. */
const notStartedExitCode = 1;

/**
 * Traces a program and ends as it ended: resolves to its exit code, or to 128 plus the signal's number as shells do.
 * Throws a `RunError` where the run or one of its files cannot be had.
 */
export async function runCommand(command: RunCommand): Promise<number> {
  const entry = resolve(command.file);
  const cwd = resolve(command.cwd ?? '.');
  const env = process.env;
  const node = await findNodeBinary({ setting: command.nodePath ?? process.execPath, env });
  const showsSummary = command.summary ?? process.stderr.isTTY;
  const needsModel = showsSummary || command.transcript !== undefined || command.report !== undefined;
  // The first bytes come before the launch returns.
  let countEvents = (): number => 0;
  const longest = longestTrace();
  const { output: path, keepMs } = command;
  const output = openTraceOutput({ path, keepMs, isRead: needsModel, isTooLong: () => countEvents() > longest });
  const live = followLive(cwd, showsSummary ? (line) => process.stderr.write(`interleave: ${line}\n`) : undefined);
  const sink: TraceSink = {
    onTrace(bytes) {
      live.push(bytes);
      output.onTrace(bytes);
    },
    onHang: (samples) => live.tellHang(samples),
    onNotice(text) {
      if (showsSummary) process.stderr.write(`interleave: ${text}\n`);
    },
  };
  const handle = launchTarget(
    {
      entry,
      args: command.args,
      cwd,
      env: { ...env, ...node.env },
      nodePath: node.path,
      nodeArgs: command.nodeArgs,
      clock: command.clock,
      root: rootOf(entry, cwd),
      exclude: [...defaultExclude, ...command.exclude],
      followChildren: command.followChildren,
      distDir,
      stdio: 'inherit',
      version: ownVersion(),
      ...(command.cache ? { cacheFolder: cacheFolder() } : {}),
      ...(command.hangMs === undefined ? {} : { hangMs: command.hangMs }),
      ...(command.timeoutMs === undefined ? {} : { timeoutMs: command.timeoutMs }),
      ...(command.call === undefined ? {} : { call: command.call }),
    },
    sink,
  );
  countEvents = () => handle.counts.events;
  live.begin(handle);
  const stopForwarding = forwardSignals(handle.pid, () => handle.cancel());
  let result: RunResult;
  try {
    result = await handle.finished;
  } finally {
    live.end();
    stopForwarding();
    output.close();
  }
  if (result.message !== undefined) process.stderr.write(`interleave: ${result.message}\n`);
  const { bytes, leftOut } = needsModel ? output.read() : { bytes: new Uint8Array(), leftOut: 0 };
  const events = keepMs === undefined ? result.counts.events : eventsIn(new FrameReader({ expectMagic: true }).push(bytes));
  if (needsModel && result.cause !== 'spawn-failed') {
    const short = shortOfMemory(events, longest);
    if (short !== undefined) process.stderr.write(`interleave: ${short}\n`);
    const builder = new TraceModelBuilder({ mostEvents: longest, leftOut });
    builder.push(bytes);
    const model = builder.snapshot();
    const colour = process.stderr.isTTY && env.NO_COLOR === undefined;
    if (showsSummary) process.stderr.write(`\n${summary(model, { colour })}\n`);
    if (command.transcript === '-') process.stderr.write(`\n${transcript(model)}`);
    else if (command.transcript !== undefined) writeText(resolve(command.transcript), transcript(model));
    if (command.report !== undefined) {
      const path = resolve(command.report);
      writeReport(path, bytes, model);
      if (showsSummary) process.stderr.write(`The report is in ${path}\n`);
    }
  }
  return exitCodeOf(result);
}

function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw runErrors.traceUnwritable(path, error);
  }
}

/**
 * The folder whose files are the person's own: the nearest one up from the program that has a version control folder, else a package
 * file, else its own. A program of a package, as test runners are, counts as standing where that is installed.
 */
function rootOf(entry: string, cwd: string): string {
  const folders: string[] = [];
  const installed = entry.indexOf(`${sep}node_modules${sep}`);
  for (let at = installed < 0 ? dirname(entry) : entry.slice(0, installed) || sep; ; at = dirname(at)) {
    folders.push(at);
    if (dirname(at) === at) break;
  }
  const found =
    folders.find((folder) => existsSync(join(folder, '.git'))) ??
    folders.find((folder) => existsSync(join(folder, 'package.json')));
  if (found !== undefined) return found;
  return folders.includes(cwd) ? cwd : dirname(entry);
}

/**
 * Ctrl+C in a terminal reaches the program by itself: here it must only not end us before the program.
 * A signal sent to this process alone is handed on.
 */
function forwardSignals(pid: number | undefined, cancel: () => void): () => void {
  const ignore = (): void => {
    if (!process.stdin.isTTY) cancel();
  };
  const handOn = (signal: NodeJS.Signals): void => {
    if (pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  };
  process.on('SIGINT', ignore);
  process.on('SIGTERM', handOn);
  process.on('SIGHUP', handOn);
  return () => {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', handOn);
    process.off('SIGHUP', handOn);
  };
}

function exitCodeOf(result: RunResult): number {
  if (result.cause === 'spawn-failed') return notStartedExitCode;
  if (result.code !== null) return result.code;
  return 128 + (result.signal === null ? 0 : constants.signals[result.signal]);
}
