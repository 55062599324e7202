import * as fs from 'node:fs';
import type { FileId, SiteId } from '../../shared/ids.ts';
import type {
  FollowResponse,
  FunctionTextsResponse,
  TargetRequest,
  TargetResponse,
  TextFormat,
  Transformed,
} from '../../shared/instrumentMessages.ts';
import type { TargetOptions } from '../../shared/targetOptions.ts';
import type { LoaderHost } from './loaderHost.ts';
import type { PackedTexts } from './packedTexts.ts';
import { lastRequest, lock, transformLock, unlock, unreadBytes, type SharedState } from '../record/sharedState.ts';
import { openTraceDescriptor } from '../record/traceDescriptor.ts';

/** Asks the launcher for the text to run in place of a file, and waits for the answer. */
export interface TransformClient {
  /** Undefined where Node shall load the file as it is (also when nobody answers any more). */
  transform(path: string, source: string, format: TextFormat, probes: boolean): Transformed | undefined;
  /** What the functions of a printed file are without probes; undefined when nobody answers any more. */
  functionTexts(path: string, code: string): FunctionTextsResponse | undefined;
  /** Where followed processes come to the launcher; undefined when nobody answers any more. */
  followFolder(originUnits: number): FollowResponse | undefined;
  /** Tells what of the program is not instrumented, in plain words. */
  notice(text: string): void;
}

type WithoutId<T> = T extends unknown ? Omit<T, 'requestId'> : never;

const { readSync } = fs;
const { parse, stringify } = JSON;

/** Answers to the same question are kept: Node asks twice for an entry that turns out to be an ES module. */
const keptAnswers = 8;

export function createTransformClient(
  { transformFd: fd, answerFd = fd }: Pick<TargetOptions, 'transformFd' | 'answerFd'>,
  shared: SharedState,
  host: Pick<LoaderHost, 'encodeUtf8' | 'decodeUtf8' | 'internals' | 'onPackedFile' | 'thread'>,
  packed: PackedTexts | undefined,
): TransformClient {
  const descriptor = openTraceDescriptor(fd, host.internals);
  const answers = openTraceDescriptor(answerFd, host.internals);
  const { words } = shared;
  const kept: { key: string; answer: Transformed | undefined }[] = [];
  let alive = true;

  function readExactly(length: number): Uint8Array | undefined {
    const buffer = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      let count: number;
      try {
        count = readSync(answerFd, buffer, at, length - at, null);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EINTR' || code === 'EAGAIN') continue;
        return undefined;
      }
      if (count === 0) return undefined;
      at += count;
      if ((words[unreadBytes] as number) > 0) words[unreadBytes] = (words[unreadBytes] as number) - count;
    }
    return buffer;
  }

  function readAnswer(): TargetResponse | undefined {
    const rest = words[unreadBytes] as number;
    if (rest > 0 && readExactly(rest) === undefined) return undefined;
    const header = readExactly(4);
    if (header === undefined) return undefined;
    const length = new DataView(header.buffer).getUint32(0, true);
    words[unreadBytes] = length;
    const body = readExactly(length);
    return body === undefined ? undefined : (parse(host.decodeUtf8(body)) as TargetResponse);
  }

  function ask(request: WithoutId<TargetRequest>): TargetResponse | undefined {
    lock(shared, transformLock, host.thread);
    try {
      if (!descriptor.isOurs() || !answers.isOurs()) return undefined;
      const requestId = (words[lastRequest] as number) + 1;
      words[lastRequest] = requestId;
      const body = host.encodeUtf8(stringify({ ...request, requestId }));
      const message = new Uint8Array(4 + body.length);
      new DataView(message.buffer).setUint32(0, body.length, true);
      message.set(body, 4);
      if (!descriptor.writeAll(message, message.length)) return undefined;
      for (;;) {
        const answer = readAnswer();
        // An older answer belongs to a thread that was terminated while it waited.
        if (answer === undefined || answer.requestId === requestId) return answer;
      }
    } catch {
      return undefined;
    } finally {
      unlock(shared, transformLock);
    }
  }

  function takePacked(path: string, source: string, format: TextFormat, probes: boolean): Transformed | undefined {
    const found = packed?.find(path, source, format, probes);
    if (found !== undefined) host.onPackedFile(found.place);
    return found?.answer;
  }

  function askForText(path: string, source: string, format: TextFormat, probes: boolean): Transformed | undefined {
    const response = ask({ type: 'transform', path, source, format, file: 0 as FileId, firstSite: 0 as SiteId, probes });
    if (response === undefined) alive = false;
    return response?.type === 'transformed' ? response : undefined;
  }

  return {
    transform(path, source, format, probes) {
      if (!alive) return undefined;
      const key = `${path}\0${format}\0${source}`;
      for (const entry of kept) if (entry.key === key) return entry.answer;
      const answer = takePacked(path, source, format, probes) ?? askForText(path, source, format, probes);
      kept.push({ key, answer });
      if (kept.length > keptAnswers) kept.shift();
      return answer;
    },
    functionTexts(path, code) {
      const response = alive ? ask({ type: 'function-texts', path, code }) : undefined;
      return response?.type === 'function-texts' ? response : undefined;
    },
    notice(text) {
      if (alive) ask({ type: 'notice', text });
    },
    followFolder(originUnits) {
      const response = alive ? ask({ type: 'follow', originUnits }) : undefined;
      return response?.type === 'follow' ? response : undefined;
    },
  };
}
