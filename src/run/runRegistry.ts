import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import type { LiveReport } from '../shared/liveReport.ts';
import { closeRuntimeFolder, openRuntimeFolder, removeLeftovers, runtimeFolder } from './runtimeFolder.ts';

const windows = process.platform === 'win32';
const announced = /^run-([0-9a-f]{12})$/;
/** A launcher that is busy itself answers late; one that hangs is passed over. */
const answerMs = 5_000;
const maxAnswerBytes = 64 * 1024 * 1024;

/** Where a run answers. The name in the folder announces it: on Windows a file, elsewhere the socket itself. */
function addressOf(folder: string, name: string): string {
  return windows ? `\\\\.\\pipe\\interleave-${name}` : join(folder, name);
}

/**
 * Lets other processes of the same person ask what a run is doing, until the returned function is called. Where that cannot be had the
 * run is merely not found.
 */
export function announceRun(report: () => Promise<LiveReport>): () => void {
  const folder = openRuntimeFolder();
  if (folder === undefined) return () => {};
  const name = `run-${randomBytes(6).toString('hex')}`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    report().then(
      (answer) => socket.end(JSON.stringify(answer)),
      () => socket.destroy(),
    );
  });
  server.on('error', () => {});
  server.unref();
  server.listen({ path: addressOf(folder, name) }, () => {
    if (windows) writeFileSync(join(folder, name), '');
  });
  const withdraw = (): void => {
    process.off('exit', withdraw);
    server.close();
    rmSync(join(folder, name), { force: true });
    closeRuntimeFolder();
  };
  process.on('exit', withdraw);
  return withdraw;
}

export interface RunAnswers {
  /** The oldest first. */
  readonly reports: readonly LiveReport[];
  /** How many runs gave no answer within 5 s, or none that can be read here. */
  readonly silent: number;
}

/** Asks all runs of this person what they are doing; what runs have left that are gone is removed. */
export async function askRuns(): Promise<RunAnswers> {
  const folder = runtimeFolder();
  let files: string[] = [];
  try {
    files = readdirSync(folder);
  } catch {
    // Nothing has ever run.
  }
  const names = files.filter((name) => announced.test(name));
  removeLeftovers(folder, files);
  const answers = await Promise.all(
    names.map(async (name) => {
      const answer = await askRun(addressOf(folder, name));
      if (answer === 'gone') rmSync(join(folder, name), { force: true });
      return answer;
    }),
  );
  const reports = answers.filter((answer) => typeof answer !== 'string');
  return {
    reports: reports.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
    silent: answers.filter((answer) => answer === 'silent').length,
  };
}

function askRun(path: string): Promise<LiveReport | 'gone' | 'silent'> {
  return new Promise((settled) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = createConnection({ path });
    const timer = setTimeout(() => socket.destroy(), answerMs);
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxAnswerBytes) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') settled('gone');
    });
    socket.on('close', () => {
      clearTimeout(timer);
      settled(parseReport(Buffer.concat(chunks).toString()) ?? 'silent');
    });
  });
}

/** Of another version of Interleave an answer may be of another kind. */
function parseReport(text: string): LiveReport | undefined {
  try {
    const value = JSON.parse(text) as LiveReport;
    return value.version === 1 && Array.isArray(value.tasks) ? value : undefined;
  } catch {
    return undefined;
  }
}
