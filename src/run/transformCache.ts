import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SiteId } from '../shared/ids.ts';
import type { TransformRequest, TransformResponse } from '../shared/instrumentMessages.ts';

type Transformed = Extract<TransformResponse, { type: 'transformed' }>;

export interface TransformCacheOptions {
  /** Absolute; made when it is missing. */
  readonly folder: string;
  /** Absolute folder of the project: each has a file of its own. */
  readonly root: string;
  /** Absolute path of `instrument-worker.cjs`: what another one made is of no use. */
  readonly workerPath: string;
}

/** What the cache's file says of one text, before the text itself. */
interface Entry {
  readonly key: string;
  readonly firstSite: number;
  readonly sites: number;
  /** Configuration files that were read, and the hash of each. */
  readonly inputs: readonly (readonly [path: string, hash: string])[];
  /** Runs since it was last used. */
  readonly unused: number;
  readonly start: number;
  readonly length: number;
}

interface Head {
  readonly format: 1;
  readonly maker: string;
  readonly entries: readonly Entry[];
}

/** Entries that so many runs had no use for go: files that were edited or deleted. */
const mostUnused = 20;
const maxBytes = 64 * 1024 * 1024;
/** Site ids only grow while files change; a cache that has come this far begins anew, so that they stay small. */
const maxSite = 500_000;

/**
 * Instrumented texts of a project, kept on disk by their content, so that a second run needs no parser. One file holds them all: it is read
 * once, and only what is asked for is parsed. A text keeps its site ids from run to run, as they stand in it. Nothing here
 * throws: without a cache the program runs all the same.
 */
export class TransformCache {
  readonly #file: string;
  readonly #maker: string;
  readonly #known = new Map<string, Entry>();
  /** Behind the head of the file. */
  #bodies: Buffer = Buffer.alloc(0);
  readonly #used = new Set<string>();
  readonly #added = new Map<string, { readonly entry: Omit<Entry, 'start' | 'length'>; readonly body: Buffer }>();
  /** Site ids of the texts of this run, as pairs of first and last. */
  readonly #taken: number[] = [];
  readonly #hashes = new Map<string, string>();
  #nextSite = 1;

  constructor(options: TransformCacheOptions) {
    this.#file = join(options.folder, `${hash(options.root).slice(0, 32)}.pack`);
    this.#maker = makerOf(options.workerPath);
    this.#read();
  }

  /** Whether texts of an earlier run are there. */
  get isWarm(): boolean {
    return this.#known.size > 0;
  }

  /** The first site id for a text that has to be made. */
  get nextSite(): SiteId {
    return this.#nextSite as SiteId;
  }

  /** The answer of an earlier run to the same question; undefined where there is none, or its site ids are taken in this run. */
  get(request: TransformRequest): Transformed | undefined {
    const key = this.#keyOf(request);
    const entry = this.#known.get(key);
    if (!entry || !this.#isFree(entry.firstSite, entry.sites)) return undefined;
    if (entry.inputs.some(([path, before]) => this.#hashOf(path) !== before)) return undefined;
    let response: Transformed;
    try {
      response = JSON.parse(this.#bodies.toString('utf8', entry.start, entry.start + entry.length)) as Transformed;
    } catch {
      return undefined;
    }
    this.#take(entry.firstSite, entry.sites);
    this.#used.add(key);
    return { ...response, requestId: request.requestId };
  }

  /** Keeps an answer that was made with {@link nextSite}. What may turn out otherwise the next time is not kept. */
  put(request: TransformRequest, response: TransformResponse): void {
    if (response.type !== 'transformed') return;
    const firstSite = this.#nextSite;
    const sites = response.sites.length;
    this.#take(firstSite, sites);
    const key = this.#keyOf(request);
    const inputs = (response.inputs ?? []).map((path) => [path, this.#hashOf(path)] as const);
    const body = Buffer.from(JSON.stringify(response), 'utf8');
    this.#added.set(key, { entry: { key, firstSite, sites, inputs, unused: 0 }, body });
  }

  /** Writes what is new. */
  save(): void {
    if (this.#added.size === 0) return;
    const entries: Entry[] = [];
    const bodies: Buffer[] = [];
    let size = 0;
    const add = (entry: Omit<Entry, 'start' | 'length'>, body: Buffer): void => {
      if (size + body.length > maxBytes) return;
      entries.push({ ...entry, start: size, length: body.length });
      bodies.push(body);
      size += body.length;
    };
    for (const { entry, body } of this.#added.values()) add(entry, body);
    for (const entry of this.#known.values()) {
      const unused = this.#used.has(entry.key) ? 0 : entry.unused + 1;
      if (unused > mostUnused || this.#added.has(entry.key)) continue;
      add({ ...entry, unused }, this.#bodies.subarray(entry.start, entry.start + entry.length));
    }
    const head: Head = { format: 1, maker: this.#maker, entries };
    const partial = `${this.#file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(partial, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`, 'utf8'), ...bodies]), { mode: 0o600 });
      renameSync(partial, this.#file);
    } catch {
      removeQuietly(partial);
    }
  }

  #read(): void {
    try {
      const bytes = readFileSync(this.#file);
      const end = bytes.indexOf(10);
      const head = JSON.parse(bytes.toString('utf8', 0, end)) as Head;
      if (head.format !== 1 || head.maker !== this.#maker) return;
      const last = head.entries.reduce((most, { firstSite, sites }) => Math.max(most, firstSite + sites), 1);
      const length = head.entries.reduce((most, entry) => Math.max(most, entry.start + entry.length), 0);
      if (last > maxSite || end + 1 + length > bytes.length) return;
      this.#bodies = bytes.subarray(end + 1);
      for (const entry of head.entries) this.#known.set(entry.key, entry);
      this.#nextSite = last;
    } catch {
      // There is none yet, or it is damaged: the run makes a new one.
      this.#known.clear();
    }
  }

  #keyOf({ path, format, probes, source }: TransformRequest): string {
    return hash(`${path}\0${format}\0${String(probes)}\0${source ?? this.#hashOf(path)}`);
  }

  #isFree(first: number, count: number): boolean {
    const last = first + count - 1;
    for (let i = 0; i < this.#taken.length; i += 2) {
      if (first <= (this.#taken[i + 1] as number) && (this.#taken[i] as number) <= last) return false;
    }
    return true;
  }

  #take(first: number, count: number): void {
    if (count === 0) return;
    this.#taken.push(first, first + count - 1);
    this.#nextSite = Math.max(this.#nextSite, first + count);
  }

  /** Of a file's content; empty where it cannot be read. Once per run. */
  #hashOf(path: string): string {
    let known = this.#hashes.get(path);
    if (known === undefined) {
      try {
        known = hash(readFileSync(path));
      } catch {
        known = '';
      }
      this.#hashes.set(path, known);
    }
    return known;
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is none: nothing was written.
  }
}

function hash(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
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
