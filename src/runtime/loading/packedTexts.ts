import * as fs from 'node:fs';
import type { TextFormat, Transformed } from '../../shared/instrumentMessages.ts';
import {
  bodiesStart,
  entryBytes,
  packHeaderBytes,
  packKey,
  readPackedColumns,
  readPackHeader,
  type PackedAnswer,
  type PackEntry,
  type PackHead,
  type PackReference,
} from '../../shared/textPack.ts';
import type { LoaderHost } from './loaderHost.ts';

/** The texts that earlier runs left in the pack, so that nobody has to be asked for them. */
export interface PackedTexts {
  /** The text made of this very source, and the place of its entry in the pack; undefined where there is none. */
  find(path: string, source: string, format: TextFormat, probes: boolean): { place: number; answer: Transformed } | undefined;
}

const { openSync, readSync, closeSync } = fs;

/** So much is read at once: texts were kept in the order in which they were loaded, and are loaded in it again. */
const windowBytes = 1024 * 1024;

export function openPackedTexts(pack: PackReference, host: Pick<LoaderHost, 'decodeUtf8' | 'decodeExact'>): PackedTexts {
  const changed = new Set(pack.changedInputs);
  let places: Map<string, number[]> | undefined;
  let entries: readonly PackEntry[] = [];
  let start = 0;
  let window = new Uint8Array(0);
  let windowAt = 0;

  /** Reads a part of the file, or less at its end; nothing where the file is no longer the one the launcher knows. It is not kept open: the program would find its descriptor. */
  function readAt(position: number, length: number): Uint8Array<ArrayBuffer> {
    const fd = openSync(pack.path, 'r');
    try {
      const header = new Uint8Array(packHeaderBytes);
      const bytes = new Uint8Array(length);
      if (readSync(fd, header, 0, packHeaderBytes, 0) < packHeaderBytes || readPackHeader(header)?.id !== pack.id)
        return new Uint8Array(0);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, bytes, done, length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    } finally {
      closeSync(fd);
    }
  }

  /** Where the texts of each file are. */
  function readHead(): Map<string, number[]> {
    const found = new Map<string, number[]>();
    const header = readPackHeader(readAt(0, packHeaderBytes));
    if (header === undefined) return found;
    const text = readAt(packHeaderBytes, header.headBytes);
    if (text.length < header.headBytes) return found;
    ({ entries } = JSON.parse(host.decodeUtf8(text)) as PackHead);
    start = bodiesStart(header.headBytes);
    for (let place = 0; place < entries.length; place++) {
      const { path, format, probes, inputs } = entries[place] as PackEntry;
      if (inputs.some((input) => changed.has(input))) continue;
      const key = packKey(path, format, probes);
      const same = found.get(key);
      if (same === undefined) found.set(key, [place]);
      else same.push(place);
    }
    return found;
  }

  function bodyOf(entry: PackEntry): Uint8Array | undefined {
    const length = entryBytes(entry);
    const position = start + entry.start;
    if (position < windowAt || position + length > windowAt + window.length) {
      window = readAt(position, length > windowBytes ? length : windowBytes);
      windowAt = position;
    }
    return window.length < length ? undefined : window.subarray(position - windowAt, position - windowAt + length);
  }

  return {
    find(path, source, format, probes) {
      try {
        places ??= readHead();
        for (const place of places.get(packKey(path, format, probes)) ?? []) {
          const entry = entries[place] as PackEntry;
          // A UTF-16 unit takes one to three bytes.
          if (entry.source < source.length || entry.source > source.length * 3) continue;
          const body = bodyOf(entry);
          if (body === undefined) return undefined;
          const codeAt = entry.columns + entry.source;
          if (host.decodeExact(body.subarray(entry.columns, codeAt)) !== source) continue;
          const answerAt = codeAt + entry.code;
          const { hasColumns, ...answer } = JSON.parse(
            host.decodeUtf8(body.subarray(answerAt, answerAt + entry.answer)),
          ) as PackedAnswer;
          const code = host.decodeExact(body.subarray(codeAt, answerAt));
          const columns = hasColumns ? { columns: readPackedColumns(body, entry) } : {};
          return { place, answer: { ...answer, requestId: 0, code, sites: [], sourceHash: '', ...columns } };
        }
      } catch {
        // No texts, then: the launcher is asked.
        places = new Map();
      }
      return undefined;
    },
  };
}
