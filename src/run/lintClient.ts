import type { Worker } from 'node:worker_threads';
import type {
  AwaitPointInfo,
  FileOutline,
  Finding,
  LintFix,
  LintOptions,
  LintRequest,
  LintResponse,
  TextRange,
} from '../shared/lintMessages.ts';

/** What one check of a file gave. */
export interface CheckedFile {
  readonly findings: readonly Finding[];
  /** Set when the file was not checked, or only in part: why, in plain words. */
  readonly note?: string;
}

/** Answers that a newer request for the same file has overtaken. */
export const stale = 'stale';
export type Stale = typeof stale;

export interface LintClientOptions {
  /** Absolute path of `lint-worker.cjs`. */
  readonly workerPath: string;
  /** Absolute folder where the instrumenter keeps V8's code of the compiler, if it does. */
  readonly codeFolder?: string;
  /** Upper bound of the worker's heap in MiB; beyond it the worker ends, its requests fail, and the next request starts another. */
  readonly maxHeapMb?: number;
}

/** Thrown by every request that a dead worker or {@link LintClient.dispose} leaves unanswered, and for files that cannot be read. */
export class LintFailedError extends Error {
  override readonly name = 'LintFailedError';
}

type FixesRequest = Extract<LintRequest, { readonly type: 'fixes' }>;
type Unnumbered<T> = T extends unknown ? Omit<T, 'requestId'> : never;
interface Pending {
  readonly resolve: (response: LintResponse) => void;
  readonly reject: (error: LintFailedError) => void;
}

const defaultMaxHeapMb = 3072;

/**
 * Talks to the lint worker: findings, await points and outlines of files. The worker starts at the first request and does
 * not keep the process alive while it is idle. All paths are absolute; `text` is the unsaved text, without it the file is read.
 */
export class LintClient {
  readonly #options: LintClientOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #lastId = 0;
  #disposed = false;

  constructor(options: LintClientOptions) {
    this.#options = options;
  }

  /** Findings of a file in the order of its lines; `stale` when a later check of the same file was asked for meanwhile. */
  async check(path: string, text?: string, options?: LintOptions): Promise<CheckedFile | Stale> {
    const response = await this.#request({ type: 'check', path, ...withText(text), ...(options ? { options } : {}) });
    if (response.type !== 'findings') return stale;
    return { findings: response.findings, ...(response.note === undefined ? {} : { note: response.note }) };
  }

  /** What the source says of the await point at a place (line and column from 1); undefined where there is none. */
  async awaitPoint(path: string, line: number, column: number, text?: string): Promise<AwaitPointInfo | undefined | Stale> {
    const response = await this.#request({ type: 'awaitPoint', path, line, column, ...withText(text) });
    return response.type === 'awaitPoint' ? response.info : stale;
  }

  /** The async functions of a file and its first top-level await. */
  async outline(path: string, text?: string): Promise<FileOutline | Stale> {
    const response = await this.#request({ type: 'outline', path, ...withText(text) });
    return response.type === 'outline' ? response.outline : stale;
  }

  /** The fixes of a file's findings (those that touch `range`, if given); none for a file with syntax errors. */
  async fixes(path: string, text?: string, options?: LintOptions, range?: TextRange): Promise<readonly LintFix[] | Stale> {
    return this.#fixes({ path, ...withText(text), ...(options ? { options } : {}), ...(range ? { range } : {}), want: 'each' });
  }

  /** One fix that does what all safe fixes of a file do; undefined where there is none. */
  async fixAll(path: string, text?: string, options?: LintOptions): Promise<LintFix | undefined | Stale> {
    const fixes = await this.#fixes({ path, ...withText(text), ...(options ? { options } : {}), want: 'all-safe' });
    return fixes === stale ? stale : fixes[0];
  }

  async #fixes(about: Omit<FixesRequest, 'type' | 'requestId'>): Promise<readonly LintFix[] | Stale> {
    const response = await this.#request({ type: 'fixes', ...about });
    return response.type === 'fixes' ? response.fixes : stale;
  }

  /** Reads files that will be asked for soon, so that they share one program: with many files the difference is minutes. */
  async load(paths: readonly string[]): Promise<void> {
    await this.#request({ type: 'load', paths });
  }

  /** The files of the project that a file belongs to, for {@link load}: none where there are more than `most`, and from the second time on. */
  async projectFiles(path: string, most: number): Promise<readonly string[]> {
    const response = await this.#request({ type: 'projectFiles', path, most });
    return response.type === 'projectFiles' ? response.paths : [];
  }

  /** The unsaved text of a file is void; from now on the file on disk counts. */
  async close(path: string): Promise<void> {
    if (this.#worker) await this.#request({ type: 'close', path });
  }

  /** Ends the worker. Open requests fail with {@link LintFailedError}, later ones too. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const worker = this.#worker;
    this.#failAll('The lint worker was stopped.');
    this.#worker = undefined;
    await worker?.terminate();
  }

  #request(request: Unnumbered<LintRequest>): Promise<LintResponse> {
    if (this.#disposed) return Promise.reject(new LintFailedError('The lint worker was stopped.'));
    const requestId = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const worker = (this.#worker ??= this.#start());
      this.#pending.set(requestId, { resolve, reject });
      worker.ref();
      worker.postMessage({ ...request, requestId } satisfies LintRequest);
    });
  }

  #start(): Worker {
    const { Worker: NodeWorker } = process.getBuiltinModule('node:worker_threads');
    const worker = new NodeWorker(this.#options.workerPath, {
      name: 'interleave-lint',
      // Flags of the host (its own loaders, inspectors, snapshots) have no place in the worker.
      execArgv: [],
      workerData: this.#options.codeFolder === undefined ? {} : { interleaveCode: this.#options.codeFolder },
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.maxHeapMb ?? defaultMaxHeapMb,
        // Trees of many files stay: with the usual 48 MiB they are copied from one half to the other again and again before they count as old.
        maxYoungGenerationSizeMb: 96,
        // The compiler walks trees by recursion: long chains and deep nesting need more than the usual 4 MiB of stack.
        stackSizeMb: 16,
      },
    });
    worker.on('message', (response: LintResponse) => this.#settle(worker, response));
    worker.on('error', (error: Error) => this.#lost(worker, `The lint worker failed: ${error.message}`));
    worker.on('exit', (code) => this.#lost(worker, `The lint worker ended with code ${code}.`));
    return worker;
  }

  #settle(worker: Worker, response: LintResponse): void {
    const pending = this.#pending.get(response.requestId);
    this.#pending.delete(response.requestId);
    if (this.#pending.size === 0) worker.unref();
    if (response.type === 'failed') pending?.reject(new LintFailedError(response.message));
    else pending?.resolve(response);
  }

  #lost(worker: Worker, message: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failAll(message);
  }

  #failAll(message: string): void {
    const open = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of open) pending.reject(new LintFailedError(message));
  }
}

function withText(text: string | undefined): { readonly text?: string } {
  return text === undefined ? {} : { text };
}
