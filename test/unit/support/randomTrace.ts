import fc from 'fast-check';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import { siteKinds, type Site } from '../../../src/shared/site.ts';
import { eventKind, type EventKind } from '../../../src/shared/traceEvents.ts';
import { traceFormatVersion, type ClockMode } from '../../../src/shared/traceRecords.ts';
import { turnKinds, waitKinds } from '../../../src/shared/waitKind.ts';
import { TraceEncoder } from './traceEncoder.ts';

const siteCount = 12;
const taskCount = 6;

const { start, suspend, resume, settle, turn, block, settleCall, dropped, callbackBegin, callbackEnd, tracer } = eventKind;
const kinds: readonly EventKind[] = [
  ...[start, start, suspend, suspend, suspend, resume, resume, resume, settle],
  ...[turn, turn, block, settleCall, dropped, callbackBegin, callbackEnd, tracer],
];

const site = fc.record({
  kind: fc.constantFrom(...siteKinds),
  hint: fc.option(fc.constantFrom(...waitKinds)),
  callees: fc.option(fc.boolean()),
});

/**
 * Any events in any order, each well formed by itself: tasks go on that never stopped, settle twice, run in two places. What a program
 * can do is among it, and so is everything that probes could get wrong.
 */
export const anyTrace: fc.Arbitrary<Uint8Array> = fc
  .record({
    clock: fc.constantFrom<ClockMode>('wall', 'virtual'),
    sites: fc.array(site, { minLength: siteCount, maxLength: siteCount }),
    events: fc.array(
      fc.record({
        thread: fc.constantFrom(0, 0, 0, 2),
        afterUs: fc.constantFrom(0, 0, 0.1, 1, 40, 60_000, 20_000_000),
        kind: fc.constantFrom<EventKind>(...kinds),
        a: fc.nat(taskCount),
        read: fc.constantFrom(true, true, false),
        b: fc.nat(siteCount),
        c: fc.nat(taskCount),
      }),
      { maxLength: 120 },
    ),
    exit: fc.boolean(),
  })
  .map(({ clock, sites, events, exit }) => {
    const encoder = new TraceEncoder();
    encoder.record({
      type: 'run',
      formatVersion: traceFormatVersion,
      interleaveVersion: '0.1.0',
      entry: '/p/a.ts',
      args: [],
      cwd: '/p',
      clock,
      startedAt: '2025-01-01T00:00:00.000Z',
      platform: 'linux',
    });
    const table = sites.map(({ kind, hint, callees }, i): Site => ({
      id: (i + 1) as SiteId,
      kind,
      name: `f${i % 4}()`,
      line: i + 1,
      column: 1,
      endLine: i + 1,
      endColumn: 20,
      owner: (i === 0 ? 0 : 1) as SiteId,
      ...(hint ? { hint } : {}),
      ...(callees ? { callees: [`f${(i + 1) % 4}()`] } : {}),
    }));
    encoder.record({ type: 'file', file: 1 as FileId, path: '/p/a.ts', status: 'instrumented', sites: table, sourceHash: '' });
    const now = new Map<number, number>();
    for (const { thread, afterUs, kind, a, b, c, read } of events) {
      const at = (now.get(thread) ?? 0) + afterUs;
      now.set(thread, at);
      encoder.event(thread, read || kind === turn ? at : undefined, kind, ...argsOf(kind, a, b, c));
      if (!read) encoder.bound(at);
    }
    if (exit) encoder.record({ type: 'exit', cause: 'exited', code: 0, signal: null, afterUs: 0 as never });
    return encoder.bytes();
  });

function argsOf(kind: EventKind, a: number, b: number, c: number): number[] {
  switch (kind) {
    case eventKind.turn:
      return [b % turnKinds.length, c * 1000];
    case eventKind.block:
      return [b, c * 10_000, a, 0];
    case eventKind.settleCall:
      return [b, a];
    case eventKind.resume:
    case eventKind.settle:
      return [a + 1, c % 2];
    case tracer:
      return [c * 1000];
    case eventKind.callbackBegin:
    case eventKind.callbackEnd:
      return [b];
    default:
      return [a + 1, b, c];
  }
}
