import assert from 'node:assert/strict';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { batchFault, eventWords } from '../../../src/shared/eventWords.ts';
import { readEvents } from '../../../src/shared/readEvents.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { FrameReader, frameType } from '../../../src/shared/traceFrames.ts';
import { createProbes } from '../../../src/runtime/probes/probes.ts';
import type { Probes } from '../../../src/runtime/probes/probeTypes.ts';
import { createRecorder } from '../../../src/runtime/record/recorder.ts';
import type { Recorder } from '../../../src/runtime/record/recorderTypes.ts';
import { createSharedState } from '../../../src/runtime/record/sharedState.ts';

export interface Seen {
  /** `start 2 @1 in 1`, as the reader gives it. */
  readonly text: string;
  /** Units of 100 ns. */
  readonly units: number;
  readonly fromUnits: number;
  readonly toUnits: number;
}

export interface Setup {
  readonly recorder: Recorder;
  readonly probes: Probes;
  readonly clock: { now: number; idle: number; reads: number };
  readonly writes: Uint8Array[];
  readonly link: { open: boolean; takes: number };
  /** Writes what is buffered; all events so far, and the records between them as text. */
  readonly read: () => Seen[];
}

const words: Readonly<Record<number, (a: number, b: number, c: number, d: number) => string>> = {
  [eventKind.start]: (task, site, parent) => `start ${task} @${site} in ${parent}`,
  [eventKind.suspend]: (task, site) => `suspend ${task} @${site}`,
  [eventKind.resume]: (task, threw) => `resume ${task}${threw === 1 ? ' threw' : ''}`,
  [eventKind.settle]: (task, threw) => `settle ${task}${threw === 1 ? ' threw' : ''}`,
  [eventKind.turn]: (kind, late) => `turn ${kind} late ${late}`,
  [eventKind.block]: (site, duration, task, detail) => `block @${site} for ${duration} in ${task} detail ${detail}`,
  [eventKind.settleCall]: (site, task) => `settleCall @${site} in ${task}`,
  [eventKind.callbackBegin]: (site) => `callback @${site}`,
  [eventKind.callbackEnd]: (site) => `callbackEnd @${site}`,
  [eventKind.tracer]: (duration) => `tracer ${duration}`,
};

/** Probes on a recorder whose clock is set by hand, and whose frames are read back. */
export function create(
  options: { readonly bufferWords?: number; readonly eachEvent?: boolean; readonly early?: number } = {},
): Setup {
  const clock = { now: 0, idle: 0, reads: 0 };
  const link = { open: true, takes: 0 };
  const writes: Uint8Array[] = [];
  const now = (): number => {
    clock.reads++;
    return clock.now;
  };
  const recorder = createRecorder({
    descriptor: {
      isOurs: () => true,
      writeAll(bytes, length) {
        clock.now += link.takes;
        if (link.open) writes.push(bytes.slice(0, length));
        return link.open;
      },
    },
    shared: createSharedState(),
    thread: 3 as ThreadId,
    now,
    eventNow: now,
    ...(options.eachEvent === true ? {} : { idleUnits: () => clock.idle }),
    early: options.early ?? 0,
    ...(options.bufferWords === undefined ? {} : { bufferWords: options.bufferWords }),
  });
  const probes = createProbes(recorder, 3 as ThreadId);
  const read = (): Seen[] => {
    recorder.flush();
    const seen: Seen[] = [];
    const reader = new FrameReader({ expectMagic: false });
    for (const frame of writes.flatMap((bytes) => reader.push(bytes))) {
      assert.equal(frame.thread, 3);
      if (frame.type !== frameType.events) continue;
      const batch = eventWords(frame.payload);
      assert.ok(batch);
      assert.equal(batchFault(batch), undefined);
      const time = { units: 0, fromUnits: 0, toUnits: 0 };
      readEvents(batch, time, (kind, a, b, c, d) => {
        seen.push({ text: words[kind]?.(a, b, c, d) ?? `${kind}`, ...time });
      });
    }
    return seen;
  };
  return { recorder, probes, clock, writes, link, read };
}

/** What happened, without when. */
export const texts = (seen: readonly Seen[]): string[] => seen.map(({ text }) => text);
