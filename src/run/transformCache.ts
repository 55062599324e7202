import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteId } from '../shared/ids.ts';
import type { Transformed, TransformRequest, TransformResponse } from '../shared/instrumentMessages.ts';
import {
  entryBytes,
  packKey,
  paddedTo4,
  readPackedColumns,
  type PackedAnswer,
  type PackEntry,
  type PackHead,
  type PackReference,
} from '../shared/textPack.ts';
import { keptFileRecord, untoldFileRecord, type UntoldFileRecord } from './fileRecord.ts';
import { openPack, writePack, type OpenPack } from './packFile.ts';
import { textHash } from './textHash.ts';

export interface TransformCacheOptions {
  /** Absolute; made when it is missing. */
  readonly folder: string;
  /** Absolute folder of the project: each has a file of its own. */
  readonly root: string;
  /** Absolute path of `instrument-worker.cjs`: what another one made is of no use. */
  readonly workerPath: string;
}

/** An entry to be written, with its body. */
interface Added {
  readonly entry: Omit<PackEntry, 'start' | 'inputs'>;
  readonly inputs: readonly string[];
  readonly body: Buffer;
}

/** Entries that so many runs had no use for go: files that were edited or deleted. */
const mostUnused = 20;
const halfPair = /\p{Surrogate}/u;
const maxBytes = 64 * 1024 * 1024;
/** Site ids only grow while files change; a cache that has come this far begins anew, so that they stay small. */
const maxSite = 500_000;

/**
 * Instrumented texts of a project, kept on disk by their content, so that a second run needs no parser. One file holds them all, see
 * `textPack.ts`: the target takes its texts from there itself. A text keeps its site ids from run to run, as they stand in it. Nothing here
 * throws: without a cache the program runs all the same.
 */
export class TransformCache {
  readonly #file: string;
  readonly #maker: string;
  #pack: OpenPack | undefined;
  readonly #entries: readonly PackEntry[];
  readonly #byKey = new Map<string, number[]>();
  readonly #changedInputs = new Set<number>();
  /** Of the pack, by their places in it: told of in this run, and made anew in it. */
  readonly #used = new Set<number>();
  readonly #replaced = new Set<number>();
  /** Those whose files are no longer as they were, to judge by their stamps: what the stamps are now. */
  readonly #stamps = new Map<number, string>();
  readonly #added = new Map<string, Added>();
  readonly #hashes = new Map<string, string>();
  #nextSite = 1;

  constructor(options: TransformCacheOptions) {
    this.#file = join(options.folder, `${textHash(options.root)}.pack`);
    // Two projects whose folders have one hash take turns.
    this.#maker = `${makerOf(options.workerPath)} ${options.root}`;
    const pack = openPack(this.#file, this.#maker);
    const last = pack?.head.entries.reduce((most, { firstSite, sites }) => Math.max(most, firstSite + sites), 1) ?? 1;
    if (last > maxSite) pack?.close();
    this.#pack = last > maxSite ? undefined : pack;
    this.#entries = this.#pack?.head.entries ?? [];
    if (this.#pack === undefined) return;
    this.#nextSite = last;
    this.#entries.forEach(({ path, format, probes }, index) => {
      const key = packKey(path, format, probes);
      const same = this.#byKey.get(key);
      if (same === undefined) this.#byKey.set(key, [index]);
      else same.push(index);
    });
    this.#pack.head.inputs.forEach(([path, before], index) => {
      if (this.#hashOf(path) !== before) this.#changedInputs.add(index);
    });
  }

  /** Whether texts of an earlier run are there. */
  get isWarm(): boolean {
    return this.#entries.length > 0;
  }

  /** Whether a file that the last run loaded was written since: then there is most likely something to instrument. */
  looksChanged(): boolean {
    this.#entries.forEach(({ path, stamp, unused }, index) => {
      if (unused > 0) return;
      const now = stampOf(path);
      if (now !== stamp) this.#stamps.set(index, now);
    });
    return this.#stamps.size > 0;
  }

  /** The first site id for a text that has to be made. */
  get nextSite(): SiteId {
    return this.#nextSite as SiteId;
  }

  /** For the target, which takes texts of an earlier run from the pack itself and then tells which. */
  get pack(): PackReference | undefined {
    return this.#pack && { path: this.#file, id: this.#pack.id, changedInputs: [...this.#changedInputs] };
  }

  /** The trace's record of a text that the target took; undefined where the trace has it already. */
  takenRecord(index: number): UntoldFileRecord | undefined {
    const entry = this.#entries[index];
    if (entry === undefined || this.#used.has(index)) return undefined;
    try {
      const json = this.#read(entry, entryBytes(entry) - entry.record, entry.record);
      this.#used.add(index);
      return keptFileRecord(json);
    } catch {
      return undefined;
    }
  }

  /** The answer of an earlier run to the same question; undefined where there is none, or its site ids are taken in this run. */
  get(request: TransformRequest): Transformed | undefined {
    const index = this.#find(request);
    const entry = index === undefined ? undefined : this.#entries[index];
    if (index === undefined || entry === undefined || this.#used.has(index)) return undefined;
    if (entry.inputs.some((input) => this.#changedInputs.has(input))) return undefined;
    try {
      const body = this.#read(entry, 0, entryBytes(entry));
      const codeAt = entry.columns + entry.source;
      const answerAt = codeAt + entry.code;
      const recordAt = answerAt + entry.answer;
      const { hasColumns, firstSite: _, ...answer } = JSON.parse(body.toString('utf8', answerAt, recordAt)) as PackedAnswer;
      const { sites, sourceHash } = JSON.parse(body.toString('utf8', recordAt)) as Pick<Transformed, 'sites' | 'sourceHash'>;
      this.#used.add(index);
      return {
        ...answer,
        requestId: request.requestId,
        code: body.toString('utf8', codeAt, answerAt),
        sites,
        sourceHash,
        ...(hasColumns ? { columns: [...readPackedColumns(body, entry)] } : {}),
      };
    } catch {
      return undefined;
    }
  }

  /** Keeps an answer that was made with {@link nextSite}. What may turn out otherwise the next time is not kept. */
  put(request: TransformRequest, response: TransformResponse, record = untoldFileRecord(request.path, response)): void {
    if (response.type !== 'transformed') return;
    const firstSite = this.nextSite;
    this.#nextSite += response.sites.length;
    const source = this.#sourceOf(request);
    // UTF-8 has no place for half a surrogate pair.
    if (source === undefined || halfPair.test(source) || halfPair.test(response.code)) return;
    const replaced = this.#find(request);
    if (replaced !== undefined) this.#replaced.add(replaced);
    const { requestId: _, code, columns, sites, sourceHash: _hash, inputs = [], ...rest } = response;
    const [first] = sites;
    const answer: PackedAnswer = {
      ...rest,
      ...(first === undefined ? {} : { firstSite: first.id }),
      hasColumns: columns !== undefined,
    };
    const words = Buffer.alloc((columns?.length ?? 0) * 4);
    columns?.forEach((word, i) => words.writeUInt32LE(word, i * 4));
    const { path, format, probes } = request;
    const parts = [words, Buffer.from(source), Buffer.from(code), Buffer.from(JSON.stringify(answer))] as const;
    this.#added.set(`${packKey(path, format, probes)}\0${source}`, {
      entry: {
        path,
        format,
        probes,
        firstSite,
        stamp: stampOf(path),
        sites: sites.length,
        unused: 0,
        columns: parts[0].length,
        source: parts[1].length,
        code: parts[2].length,
        answer: parts[3].length,
        record: record.json.length,
      },
      inputs,
      body: Buffer.concat([...parts, record.json]),
    });
  }

  /** Writes what is new, and closes. */
  save(): void {
    // A file that was written anew as it was is not to look changed for ever.
    const isNew = this.#added.size > 0 || [...this.#stamps.keys()].some((index) => this.#used.has(index));
    if (!isNew) return this.close();
    const { head, bodies } = this.#collect();
    // Before it is replaced, which not every system does with an open file.
    this.close();
    writePack(this.#file, head, bodies);
  }

  /** From here on there is nothing in it. */
  close(): void {
    this.#pack?.close();
    this.#pack = undefined;
  }

  #collect(): { readonly head: PackHead; readonly bodies: readonly Uint8Array[] } {
    const places = new Map<string, number>();
    const entries: PackEntry[] = [];
    const bodies: Uint8Array[] = [];
    let size = 0;
    const add = (
      entry: Omit<PackEntry, 'start' | 'inputs'>,
      inputs: readonly (readonly [string, string])[],
      body: Buffer,
    ): void => {
      const padded = paddedTo4(body.length);
      if (size + padded > maxBytes) return;
      const own = inputs.map((input) => placeOf(places, input));
      entries.push({ ...entry, inputs: own, start: size });
      bodies.push(body, Buffer.alloc(padded - body.length));
      size += padded;
    };
    for (const { entry, inputs, body } of this.#added.values())
      add(
        entry,
        inputs.map((path) => [path, this.#hashOf(path)] as const),
        body,
      );
    const before = this.#pack?.head.inputs ?? [];
    this.#entries.forEach((entry, index) => {
      const unused = this.#used.has(index) ? 0 : entry.unused + 1;
      if (unused > mostUnused || this.#replaced.has(index)) return;
      const inputs = entry.inputs.flatMap((input) => (before[input] === undefined ? [] : [before[input]]));
      try {
        const stamp = unused === 0 ? (this.#stamps.get(index) ?? entry.stamp) : entry.stamp;
        add({ ...entry, unused, stamp }, inputs, this.#read(entry, 0, entryBytes(entry)));
      } catch {
        // It is made again when it is needed.
      }
    });
    const inputs = [...places.keys()].map((key) => JSON.parse(key) as [string, string]);
    return { head: { maker: this.#maker, inputs, entries }, bodies };
  }

  /** Throws where it cannot be read. */
  #read(entry: PackEntry, from: number, length: number): Buffer {
    if (this.#pack === undefined) throw new RangeError('there is no pack');
    return this.#pack.read(entry, from, length);
  }

  /** The place of the entry that was made of the same text. */
  #find(request: TransformRequest): number | undefined {
    const { path, format, probes } = request;
    const candidates = this.#byKey.get(packKey(path, format, probes));
    if (candidates === undefined) return undefined;
    const source = Buffer.from(this.#sourceOf(request) ?? '');
    return candidates.find((index) => {
      const entry = this.#entries[index] as PackEntry;
      try {
        return entry.source === source.length && this.#read(entry, entry.columns, entry.source).equals(source);
      } catch {
        return false;
      }
    });
  }

  #sourceOf({ path, source }: TransformRequest): string | undefined {
    if (source !== undefined) return source;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Of a file's content; empty where it cannot be read. Once per run. */
  #hashOf(path: string): string {
    let known = this.#hashes.get(path);
    if (known === undefined) {
      try {
        known = textHash(readFileSync(path, 'utf8'));
      } catch {
        known = '';
      }
      this.#hashes.set(path, known);
    }
    return known;
  }
}

function placeOf(places: Map<string, number>, input: readonly [string, string]): number {
  const key = JSON.stringify(input);
  const known = places.get(key);
  if (known !== undefined) return known;
  places.set(key, places.size);
  return places.size - 1;
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs} ${size}`;
  } catch {
    return '';
  }
}

/** Tells one build of the instrumenter from another. */
function makerOf(workerPath: string): string {
  try {
    const { mtimeMs, size } = statSync(workerPath);
    return `${workerPath} ${mtimeMs} ${size}`;
  } catch {
    return workerPath;
  }
}
