import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Task, TraceModel, Wait } from '../../../src/analyze/model.ts';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import type { ClockMode } from '../../../src/shared/traceRecords.ts';
import type { WaitKind } from '../../../src/shared/waitKind.ts';

const root = join(import.meta.dirname, '../../..');

export interface Scenario {
  readonly stdout: readonly string[];
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly model: TraceModel;
  readonly bytes: Uint8Array;
  /** Real time the whole command took. */
  readonly wallMs: number;
}

/** Runs a shipped example through the command line as a user would and reads the trace it wrote. */
export async function runScenario(
  example: string,
  options: { clock?: ClockMode; args?: readonly string[] } = {},
): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-scenario-'));
  try {
    const output = join(folder, 'run.interleave');
    const started = performance.now();
    const child = spawn(
      process.execPath,
      [
        join(root, 'dist/cli.cjs'),
        'run',
        join(root, 'media/examples', example),
        '--clock',
        options.clock ?? 'wall',
        '--output',
        output,
        '--',
        ...(options.args ?? []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const bytes = readFileSync(output);
    const builder = new TraceModelBuilder();
    builder.push(bytes);
    const lines = stdout.trimEnd().split('\n');
    return { stdout: lines, stderr, exitCode, model: builder.snapshot(), bytes, wallMs: performance.now() - started };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the example bare, as a user without Interleave would. */
export async function runBare(
  example: string,
  args: readonly string[] = [],
): Promise<{ stdout: readonly string[]; exitCode: number | null }> {
  const child = spawn(process.execPath, [join(root, 'media/examples', example), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { stdout: stdout.trimEnd().split('\n'), exitCode };
}

/** The tasks of a function, in order of start. */
export function tasksNamed(model: TraceModel, name: string): Task[] {
  return model.tasks.filter((task) => task.name === name);
}

export function oneTask(model: TraceModel, name: string): Task {
  const [task, ...more] = tasksNamed(model, name);
  if (!task || more.length > 0) throw new Error(`expected one task ${name}, found ${more.length + (task ? 1 : 0)}`);
  return task;
}

/** `crawlPage → fetchPage`-style path of names from the root to a task. */
export function pathOf(model: TraceModel, task: Task): string {
  const names: string[] = [];
  for (let at: Task | undefined = task; at; at = at.parent === undefined ? undefined : model.tasks[at.parent])
    names.unshift(at.name);
  return names.join(' → ');
}

export function waitsOf(task: Task, kind: WaitKind): Wait[] {
  return task.waits.filter((wait) => wait.kind === kind);
}

/** Waited time in milliseconds. */
export function waitMs(wait: Wait): number {
  return (wait.endUs - wait.startUs) / 1000;
}

export function spanMs(task: Task): number {
  if (task.endUs === undefined) throw new Error(`${task.label} did not settle`);
  return (task.endUs - task.startUs) / 1000;
}

/** The line of an example that holds a text, from 1. */
export function lineOf(example: string, text: string, occurrence = 1): number {
  const lines = readFileSync(join(root, 'media/examples', example), 'utf8').split('\n');
  let seen = 0;
  const index = lines.findIndex((line) => line.includes(text) && ++seen === occurrence);
  if (index < 0) throw new Error(`${basename(example)} has no line with ${text}`);
  return index + 1;
}

export function siteLine(model: TraceModel, site: number): number {
  for (const [id, found] of model.sites) if (id === site) return found.line;
  throw new Error(`no site ${site}`);
}
