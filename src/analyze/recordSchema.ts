import * as v from 'valibot';
import { siteKinds } from '../shared/site.ts';
import { TraceFormatError } from '../shared/traceFrames.ts';
import { traceFormatVersion, type TraceRecord } from '../shared/traceRecords.ts';
import { waitKinds } from '../shared/waitKind.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const id = v.pipe(count, v.minValue(1), v.maxValue(0xffff_ffff));
const thread = v.pipe(count, v.maxValue(0xffff));
const time = v.pipe(v.number(), v.finite());
const text = v.string();

const site = v.object({
  id,
  kind: v.picklist(siteKinds),
  line: count,
  column: count,
  endLine: count,
  endColumn: count,
  name: text,
  owner: count,
  hint: v.exactOptional(v.picklist(waitKinds)),
  callees: v.exactOptional(v.array(text)),
  blockingKind: v.exactOptional(text),
});

const stackFrame = v.object({
  name: text,
  path: v.exactOptional(text),
  line: v.exactOptional(count),
  async: v.exactOptional(v.literal(true)),
});

const hold = { thread, sinceUs: time, heldUs: time, stack: v.array(stackFrame) };

const schemas = {
  run: v.object({
    type: v.literal('run'),
    formatVersion: v.literal(traceFormatVersion),
    interleaveVersion: text,
    entry: text,
    functionName: v.exactOptional(text),
    args: v.array(text),
    cwd: text,
    clock: v.picklist(['wall', 'virtual']),
    startedAt: text,
    platform: text,
  }),
  target: v.object({
    type: v.literal('target'),
    thread: v.exactOptional(thread),
    pid: count,
    nodeVersion: text,
    hooks: v.picklist(['registerHooks', 'register']),
    limits: v.array(text),
    samples: v.exactOptional(v.boolean()),
  }),
  thread: v.object({ type: v.literal('thread'), thread, name: text, process: v.exactOptional(thread) }),
  process: v.object({
    type: v.literal('process'),
    thread,
    pid: count,
    nodeVersion: text,
    name: text,
    parent: thread,
    start: count,
    left: v.exactOptional(text),
  }),
  'process-end': v.object({
    type: v.literal('process-end'),
    thread,
    instrumented: count,
    skipped: count,
    outlived: v.exactOptional(v.literal(true)),
  }),
  file: v.object({
    type: v.literal('file'),
    file: id,
    path: text,
    status: v.picklist(['instrumented', 'skipped']),
    reason: v.exactOptional(text),
    sites: v.array(site),
    sourceHash: text,
  }),
  notice: v.object({ type: v.literal('notice'), text }),
  'blocking-detail': v.object({ type: v.literal('blocking-detail'), thread, index: count, text }),
  'brief-block': v.object({ type: v.literal('brief-block'), thread, site: id }),
  'task-error': v.object({
    type: v.literal('task-error'),
    thread,
    task: count,
    message: text,
    stack: v.exactOptional(v.array(stackFrame)),
  }),
  'child-process': v.object({
    type: v.literal('child-process'),
    thread,
    command: text,
    start: count,
    left: v.exactOptional(text),
  }),
  hang: v.object({ type: v.literal('hang'), ...hold }),
  'sync-child': v.object({ type: v.literal('sync-child'), ...hold }),
  unwatched: v.object({ type: v.literal('unwatched'), thread, reason: v.picklist(['debugger', 'signal-handler']) }),
  overhead: v.object({ type: v.literal('overhead'), thread, writingUs: time, transformUs: time }),
  rejection: v.object({ type: v.literal('rejection'), thread, late: v.boolean() }),
  'left-out': v.object({ type: v.literal('left-out'), events: count, untilUs: time }),
  exit: v.object({
    type: v.literal('exit'),
    cause: v.picklist(['exited', 'cancelled', 'timeout', 'spawn-failed']),
    code: v.nullable(v.pipe(v.number(), v.integer())),
    signal: v.nullable(text),
    afterUs: time,
    message: v.exactOptional(text),
  }),
} satisfies { readonly [K in TraceRecord['type']]: v.GenericSchema<unknown, Unbranded<Extract<TraceRecord, { type: K }>>> };

/**
 * A record as it came out of a trace, checked in every part; undefined for a type of record this version does not know.
 * Throws {@link TraceFormatError} with words for the user.
 */
export function parseRecord(value: unknown): TraceRecord | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    throw new TraceFormatError('The trace is damaged: it holds a record without a type.');
  }
  const { type } = value;
  if (!Object.hasOwn(schemas, type)) return undefined;
  const version: unknown = type === 'run' && 'formatVersion' in value ? value.formatVersion : undefined;
  if (typeof version === 'number' && version !== traceFormatVersion) {
    throw new TraceFormatError(
      `This trace has format ${version}; this version of Interleave reads format ${traceFormatVersion}. Open it with the version that wrote it.`,
    );
  }
  const result = v.safeParse(schemas[type as TraceRecord['type']], value, { abortEarly: true });
  if (!result.success) {
    const place = v.getDotPath(result.issues[0]);
    throw new TraceFormatError(`The trace is damaged: its '${type}' record has no valid ${place ? `'${place}'` : 'content'}.`);
  }
  // The brands of ids and times are the only difference between what the schema says and the type.
  return result.output as TraceRecord;
}

/** A type with the brands of its numbers taken off. */
type Unbranded<T> = T extends number
  ? number
  : T extends readonly (infer E)[]
    ? Unbranded<E>[]
    : T extends object
      ? { -readonly [K in keyof T]: Unbranded<T[K]> }
      : T;
