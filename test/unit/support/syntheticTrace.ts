import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import type { Site, SiteKind } from '../../../src/shared/site.ts';
import type { TimeUs } from '../../../src/shared/time.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { traceFormatVersion } from '../../../src/shared/traceRecords.ts';
import { turnKinds, type WaitKind } from '../../../src/shared/waitKind.ts';
import { TraceEncoder } from './traceEncoder.ts';

const entry = '/p/load.ts';

/**
 * A trace of about `events` events as a busy server makes it: one `main` task, rounds of ten `handle` tasks that each load from
 * a file (`load`, awaited) and sleep once; a blocking call now and then. Deterministic.
 */
export function syntheticTrace(events: number): Uint8Array {
  const encoder = new TraceEncoder();
  encoder.record({
    type: 'run',
    formatVersion: traceFormatVersion,
    interleaveVersion: '0.1.0',
    entry,
    args: [],
    cwd: '/p',
    clock: 'wall',
    startedAt: '2025-01-01T00:00:00.000Z',
    platform: 'linux',
  });
  encoder.record({
    type: 'file',
    file: 1 as FileId,
    path: entry,
    status: 'instrumented',
    sourceHash: '0'.repeat(64),
    sites: [
      site(1, 'function', 'main', 1, 0),
      site(2, 'await', 'Promise.all(batch.map(handle))', 3, 1, 'task', ['handle']),
      site(3, 'function', 'handle', 6, 0),
      site(4, 'await', 'load(id)', 7, 3, 'task', ['load']),
      site(5, 'await', 'sleep(5)', 8, 3, 'timer', ['sleep']),
      site(6, 'function', 'load', 11, 0),
      site(7, 'await', "readFile('a')", 12, 6, 'file', ['readFile']),
      site(8, 'blocking', "readFileSync('b')", 9, 3),
    ],
  });
  let at = 0;
  let written = 0;
  let task = 1;
  const event = (
    afterUs: number,
    ...words: Parameters<TraceEncoder['event']> extends [number, number | undefined, ...infer R] ? R : never
  ): void => {
    at += afterUs;
    encoder.event(0, at, ...words);
    written++;
    if (written % 4000 === 0) encoder.endBatch();
  };
  const turn = (afterUs: number, kind: (typeof turnKinds)[number]): void =>
    event(afterUs, eventKind.turn, turnKinds.indexOf(kind), kind === 'timer' ? 30 : 0);
  turn(0, 'main');
  event(1, eventKind.start, task, 1, 0);
  while (written < events - 2) {
    const handles: number[] = [];
    for (let i = 0; i < 10; i++) {
      const handle = ++task;
      const load = ++task;
      handles.push(handle);
      event(1, eventKind.start, handle, 3, 1);
      event(1, eventKind.start, load, 6, handle);
      event(1, eventKind.suspend, load, 7);
      event(1, eventKind.suspend, handle, 4);
    }
    event(1, eventKind.suspend, 1, 2);
    for (const handle of handles) {
      turn(20, 'file');
      event(1, eventKind.resume, handle + 1, 0);
      event(2, eventKind.settle, handle + 1, 0);
      event(1, eventKind.resume, handle, 0);
      event(3, eventKind.suspend, handle, 5);
    }
    for (const handle of handles) {
      turn(500, 'timer');
      event(1, eventKind.resume, handle, 0);
      if (handle % 50 === 0) event(2000, eventKind.block, 8, 19_000, handle, 0);
      event(5, eventKind.settle, handle, 0);
    }
    event(1, eventKind.resume, 1, 0);
  }
  event(1, eventKind.settle, 1, 0);
  encoder.record({ type: 'exit', cause: 'exited', code: 0, signal: null, afterUs: at as TimeUs });
  return encoder.bytes();
}

function site(id: number, kind: SiteKind, name: string, line: number, owner: number, hint?: WaitKind, callees?: string[]): Site {
  return {
    id: id as SiteId,
    kind,
    name,
    line,
    column: 3,
    endLine: line,
    endColumn: 3 + name.length,
    owner: owner as SiteId,
    ...(hint ? { hint } : {}),
    ...(callees ? { callees } : {}),
  };
}
