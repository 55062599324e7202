import type { FileId, SiteId, ThreadId } from '../../../src/shared/ids.ts';
import { siteKinds, type Site, type SiteKind } from '../../../src/shared/site.ts';
import type { DurationUs, TimeUs } from '../../../src/shared/time.ts';
import { eventKind } from '../../../src/shared/traceEvents.ts';
import { traceFormatVersion, type ClockMode, type StackFrame } from '../../../src/shared/traceRecords.ts';
import { turnKinds, waitKinds, type TurnKind, type WaitKind } from '../../../src/shared/waitKind.ts';
import { TraceEncoder } from './traceEncoder.ts';

/**
 * The bytes of a trace from lines of text. Times in µs from the start; blank lines and lines that begin with `//` are skipped;
 * an event line may begin with `@2` for thread 2 (else the main thread).
 *
 *     run /p/count.ts [virtual]
 *     target v24.0.0 [limit: words to the end of the line]
 *     file /p/count.ts [skipped: words to the end of the line]
 *     site 1 function "count" 3:1-6:2
 *     site 2 await "sleep(1000)" 4:3-4:20 owner 1 hint timer callees sleep,load blocking sync-io
 *     thread 2 worker
 *     detail 1 sleep 1                         (the thread may come first: detail @2 1 …)
 *     error 3 Error: boom [| load /p/a.ts:3 | async Promise.all | async main /p/a.ts:9]
 *     0 turn main                              10 turn timer late 3
 *     0 start 1 site 1 [in 7]                  5 suspend 1 at 2
 *     10 resume 1 [throw]                      12 settle 1 [throw]
 *     15 block 4 for 1000 [in 1] [detail 1]    16 settle-call 5 [in 1]
 *     17 dropped 100
 *     18 callback 6                            19 callback-end 6
 *     hang since 5 held 2000000 | inner /p/a.ts:4 | main /p/a.ts:9
 *                                              (the thread may come first: hang @32768 since …)
 *     process 32768 a.js                       (pid 1000) and its end: process-end 32768
 *     ? settle 1                               (the clock was not read)
 *     20 bound                                 (a reading: all so far happened by then)
 *     batch                                    (ends the batch of events here)
 *     overhead writing 120 transform 4000      (µs, of the main thread; else overhead @2 writing …)
 *     exit 0 | exit SIGTERM | exit cancelled | exit timeout
 */
export function buildTrace(text: string): Uint8Array {
  const encoder = new TraceEncoder();
  let files = 0;
  let file: { path: string; skipped: string | undefined; sites: Site[] } | undefined;
  const endFile = (): void => {
    if (!file) return;
    files++;
    encoder.record({
      type: 'file',
      file: files as FileId,
      path: file.path,
      status: file.skipped === undefined ? 'instrumented' : 'skipped',
      ...(file.skipped === undefined ? {} : { reason: file.skipped }),
      sites: file.sites,
      sourceHash: '0'.repeat(64),
    });
    file = undefined;
  };
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('//')) return;
    try {
      if (line.startsWith('site ')) {
        if (!file) throw new Error('a site outside a file');
        file.sites.push(parseSite(line));
        return;
      }
      endFile();
      if (line.startsWith('file ')) {
        const [, path, skipped] = /^file (\S+)(?: skipped: (.*))?$/.exec(line) ?? fail('file PATH [skipped: WHY]');
        file = { path: path ?? '', skipped, sites: [] };
      } else if (/^(@\d+ +)?[\d?]/.test(line)) writeEvent(encoder, line);
      else writeRecord(encoder, line);
    } catch (error) {
      throw new Error(`line ${index + 1}, ${line}: ${(error as Error).message}`, { cause: error });
    }
  });
  endFile();
  return encoder.bytes();
}

function parseSite(line: string): Site {
  const [, id, kind, name, from, column, to, endColumn, rest] =
    /^site (\d+) ([a-z-]+) "(.*)" (\d+):(\d+)-(\d+):(\d+)(.*)$/.exec(line) ?? fail('site ID KIND "NAME" L:C-L:C');
  if (!(siteKinds as readonly string[]).includes(kind ?? '')) throw new Error(`no site kind ${kind}`);
  const words = pairs(rest ?? '', ['owner', 'hint', 'callees', 'blocking']);
  const hint = words.get('hint');
  if (hint !== undefined && !(waitKinds as readonly string[]).includes(hint)) throw new Error(`no wait kind ${hint}`);
  return {
    id: Number(id) as SiteId,
    kind: kind as SiteKind,
    name: name ?? '',
    line: Number(from),
    column: Number(column),
    endLine: Number(to),
    endColumn: Number(endColumn),
    owner: Number(words.get('owner') ?? 0) as SiteId,
    ...(hint === undefined ? {} : { hint: hint as WaitKind }),
    ...(words.has('callees') ? { callees: (words.get('callees') ?? '').split(',') } : {}),
    ...(words.has('blocking') ? { blockingKind: words.get('blocking') ?? '' } : {}),
  };
}

function writeEvent(encoder: TraceEncoder, line: string): void {
  const [, threadText, time, what, rest] =
    /^(?:@(\d+) +)?(\d+(?:\.\d)?|\?) *([a-z-]+) *(.*)$/.exec(line) ?? fail('[@THREAD] TIME WHAT …');
  const thread = Number(threadText ?? 0);
  const at = time === '?' ? undefined : Number(time);
  const [first = '', ...others] = (rest ?? '').split(/ +/);
  const thrown = others.includes('throw') ? 1 : 0;
  const words = pairs(others.filter((word) => word !== 'throw').join(' '), ['site', 'in', 'at', 'for', 'detail', 'late']);
  const word = (name: string): number => Number(words.get(name) ?? 0);
  switch (what ?? '') {
    case 'turn': {
      const kind = turnKinds.indexOf(first as TurnKind);
      if (kind < 0) throw new Error(`no turn kind ${first}`);
      return encoder.event(thread, at, eventKind.turn, kind, Math.round(word('late') * 10));
    }
    case 'start':
      return encoder.event(thread, at, eventKind.start, Number(first), word('site'), word('in'));
    case 'suspend':
      return encoder.event(thread, at, eventKind.suspend, Number(first), word('at'));
    case 'resume':
      return encoder.event(thread, at, eventKind.resume, Number(first), thrown);
    case 'settle':
      return encoder.event(thread, at, eventKind.settle, Number(first), thrown);
    case 'block':
      return encoder.event(thread, at, eventKind.block, Number(first), Math.round(word('for') * 10), word('in'), word('detail'));
    case 'settle-call':
      return encoder.event(thread, at, eventKind.settleCall, Number(first), word('in'));
    case 'callback':
      return encoder.event(thread, at, eventKind.callbackBegin, Number(first));
    case 'callback-end':
      return encoder.event(thread, at, eventKind.callbackEnd, Number(first));
    case 'tracer':
      return encoder.event(thread, at, eventKind.tracer, Math.round(Number(first) * 10));
    case 'bound':
      return encoder.bound(at ?? NaN);
    case 'dropped':
      return encoder.event(thread, at, eventKind.dropped, Number(first));
    default:
      throw new Error(`no event ${what}`);
  }
}

function writeRecord(encoder: TraceEncoder, line: string): void {
  const [first = '', second = '', ...others] = line.split(/ +/);
  const rest = others.join(' ');
  switch (first) {
    case 'run':
      return encoder.record({
        type: 'run',
        formatVersion: traceFormatVersion,
        interleaveVersion: '0.1.0',
        entry: second,
        args: [],
        cwd: second.replace(/\/[^/]*$/, '') || '/',
        clock: (rest || 'wall') as ClockMode,
        startedAt: '2025-01-01T00:00:00.000Z',
        platform: 'linux',
      });
    case 'target':
      return encoder.record({
        type: 'target',
        pid: 4242,
        nodeVersion: second,
        hooks: 'registerHooks',
        limits: rest.startsWith('limit: ') ? [rest.slice('limit: '.length)] : [],
      });
    case 'rejection':
      return encoder.record({ type: 'rejection', thread: 0 as ThreadId, late: second === 'late' });
    case 'overhead': {
      const elsewhere = second.startsWith('@');
      const words = pairs(elsewhere ? rest : `${second} ${rest}`, ['writing', 'transform']);
      const us = (name: string): DurationUs => Number(words.get(name) ?? 0) as DurationUs;
      return encoder.record({
        type: 'overhead',
        thread: (elsewhere ? Number(second.slice(1)) : 0) as ThreadId,
        writingUs: us('writing'),
        transformUs: us('transform'),
      });
    }
    case 'thread':
      return encoder.record({ type: 'thread', thread: Number(second) as ThreadId, name: rest });
    case 'brief':
      return encoder.record({ type: 'brief-block', thread: 0 as ThreadId, site: Number(second) as SiteId });
    case 'detail':
    case 'error': {
      const elsewhere = second.startsWith('@');
      const thread = (elsewhere ? Number(second.slice(1)) : 0) as ThreadId;
      const number = Number(elsewhere ? others[0] : second);
      const words = elsewhere ? others.slice(1).join(' ') : rest;
      if (first === 'detail') return encoder.record({ type: 'blocking-detail', thread, index: number, text: words });
      const [message = '', ...frames] = words.split(' | ');
      const stack = frames.length === 0 ? {} : { stack: frames.map(parseFrame) };
      return encoder.record({ type: 'task-error', thread, task: number, message, ...stack });
    }
    case 'process':
      return encoder.record({
        type: 'process',
        thread: Number(second) as ThreadId,
        pid: 1000,
        nodeVersion: 'v24.0.0',
        name: rest,
        parent: 0 as ThreadId,
        start: 1,
      });
    case 'process-end':
      return encoder.record({ type: 'process-end', thread: Number(second) as ThreadId, instrumented: 1, skipped: 0 });
    case 'hang': {
      const elsewhere = second.startsWith('@');
      const [times = '', ...frames] = (elsewhere ? rest : `${second} ${rest}`).split(' | ');
      const [, since, held] = /^since (\d+) held (\d+)$/.exec(times) ?? fail('hang since US held US | FRAME | FRAME');
      const stack = frames.map(parseFrame);
      const thread = (elsewhere ? Number(second.slice(1)) : 0) as ThreadId;
      return encoder.record({
        type: 'hang',
        thread,
        sinceUs: Number(since) as TimeUs,
        heldUs: Number(held) as DurationUs,
        stack,
      });
    }
    case 'batch':
      return encoder.endBatch();
    case 'exit': {
      const byCode = /^\d+$/.test(second);
      const byUs = second === 'cancelled' || second === 'timeout';
      return encoder.record({
        type: 'exit',
        cause: byUs ? second : 'exited',
        code: byCode ? Number(second) : null,
        signal: byCode ? null : byUs ? 'SIGTERM' : second,
        afterUs: Number(others[0] ?? 0) as TimeUs,
      });
    }
    default:
      throw new Error(`no record ${first}`);
  }
}

function parseFrame(text: string): StackFrame {
  const [, async, name, path, line] = /^(async )?(\S+)(?: (\S+):(\d+))?$/.exec(text) ?? fail('[async] NAME [PATH:LINE]');
  return {
    name: name ?? '',
    ...(path === undefined ? {} : { path, line: Number(line) }),
    ...(async === undefined ? {} : { async: true }),
  };
}

/** `owner 1 hint timer` as a map; throws on a word that is not one of `names`. */
function pairs(text: string, names: readonly string[]): Map<string, string> {
  const words = text.split(/ +/).filter((word) => word !== '');
  const map = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i] ?? '';
    const value = words[i + 1];
    if (!names.includes(name) || value === undefined) throw new Error(`unexpected ${name}`);
    map.set(name, value);
  }
  return map;
}

function fail(expected: string): never {
  throw new Error(`expected ${expected}`);
}
