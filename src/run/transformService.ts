import type { Worker } from 'node:worker_threads';
import type {
  InstrumentRequest,
  InstrumentResponse,
  InstrumentWorkerMessage,
  InstrumentWorkerRequest,
  TransformResponse,
} from '../shared/instrumentMessages.ts';

export interface TransformServiceOptions {
  /** Absolute path of `instrument-worker.cjs`. */
  readonly workerPath: string;
  /** Upper bound of the worker's heap in MiB; beyond it the worker ends and the file it worked on is left as it is. */
  readonly maxHeapMb?: number;
  /** Absolute folder where V8's code of the compiler is kept, which saves most of the time to load it; when unset it is not. */
  readonly codeFolder?: string | undefined;
  /** The worker starts with the first request and not with the service. */
  readonly lazy?: boolean;
}

interface Pending {
  readonly request: InstrumentRequest;
  readonly answer: (response: InstrumentResponse) => void;
  readonly timer: NodeJS.Timeout;
}

const defaultMaxHeapMb = 2048;
const maxYoungGenerationSizeMb = 96;
/** A file that takes longer is left as it is: the program waits for the answer. */
const longestTransformMs = 60_000;
const longestEndMs = 2_000;

/**
 * The instrument worker, kept warm between runs. It starts with the service (or with the first request, or again after it died) and does not keep the
 * process alive while it is idle. Every request is answered: where the worker fails, with `left` and the reason.
 */
export class TransformService {
  readonly #options: TransformServiceOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #lastId = 0;
  #disposed = false;
  #lacksCode = false;

  constructor(options: TransformServiceOptions) {
    this.#options = options;
    if (options.lazy !== true) this.#start();
  }

  /** Never rejects. The `requestId` of the answer is the request's own. */
  transform(request: InstrumentRequest): Promise<InstrumentResponse> {
    return new Promise((answer) => {
      if (this.#disposed) return answer(left(request, 'the instrumenter was stopped'));
      const worker = this.#worker ?? this.#start();
      const id = ++this.#lastId;
      const timer = setTimeout(() => {
        this.#fail(worker, `it took longer than ${longestTransformMs / 1000} s`);
      }, longestTransformMs);
      this.#pending.set(id, { request, answer, timer });
      worker.ref();
      try {
        worker.postMessage({ ...request, requestId: id });
      } catch (error) {
        this.#fail(worker, messageOf(error));
      }
    });
  }

  /** Ends the worker; open requests are answered with `left`. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    if (this.#lacksCode && this.#pending.size === 0) await ended(worker);
    this.#fail(worker, 'the instrumenter was stopped');
    await worker.terminate();
  }

  #start(): Worker {
    // Loaded here: a second run has nothing for it to do.
    const { Worker: NodeWorker } = process.getBuiltinModule('node:worker_threads');
    const worker = new NodeWorker(this.#options.workerPath, {
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.maxHeapMb ?? defaultMaxHeapMb,
        // A syntax tree lives until its file is done: with less room it would be copied before.
        maxYoungGenerationSizeMb,
      },
      execArgv: [],
      workerData: this.#options.codeFolder === undefined ? {} : { interleaveCode: this.#options.codeFolder },
      // The worker prints nothing; what a library prints by accident must not land in the program's output.
      stdout: true,
      stderr: true,
    });
    worker.stdout.resume();
    worker.stderr.resume();
    worker.unref();
    worker.on('message', (text: string) => {
      const response = JSON.parse(text) as InstrumentWorkerMessage;
      if (response.type === 'code-lacking') {
        this.#lacksCode = true;
        return;
      }
      const pending = this.#pending.get(response.requestId);
      if (pending === undefined) return;
      this.#settle(response.requestId, pending, { ...response, requestId: pending.request.requestId });
    });
    worker.on('error', (error) => this.#fail(worker, messageOf(error)));
    worker.on('exit', () => this.#fail(worker, 'the instrumenter ended'));
    this.#worker = worker;
    return worker;
  }

  #settle(id: number, pending: Pending, response: InstrumentResponse): void {
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (this.#pending.size === 0) this.#worker?.unref();
    pending.answer(response);
  }

  #fail(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    void worker.terminate().catch(() => {});
    for (const [id, pending] of [...this.#pending])
      this.#settle(id, pending, left(pending.request, `it could not be instrumented: ${reason}`));
  }
}

/** Lets the worker keep what it has to keep; once for each version of ours. */
async function ended(worker: Worker): Promise<void> {
  worker.ref();
  worker.postMessage({ type: 'end' } satisfies InstrumentWorkerRequest);
  await new Promise<void>((over) => {
    const timer = setTimeout(over, longestEndMs);
    worker.once('exit', () => {
      clearTimeout(timer);
      over();
    });
  });
}

function left(request: InstrumentRequest, reason: string): TransformResponse {
  return { type: 'left', requestId: request.requestId, reason, sourceHash: '' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
