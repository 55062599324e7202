import type { Readable, Writable } from 'node:stream';
import type { SiteId } from '../shared/ids.ts';
import type {
  FollowRequest,
  FollowResponse,
  InstrumentRequest,
  InstrumentResponse,
  TargetRequest,
  TargetResponse,
  TransformRequest,
  TransformResponse,
} from '../shared/instrumentMessages.ts';
import { untoldFileRecord, type UntoldFileRecord } from './fileRecord.ts';
import type { TransformCache } from './transformCache.ts';

export interface TransformBridgeOptions {
  readonly transform: (request: InstrumentRequest) => Promise<InstrumentResponse>;
  /** Called before the file's text is handed to the target. */
  readonly onFile: (record: UntoldFileRecord) => void;
  /** What earlier runs made. */
  readonly cache?: TransformCache | undefined;
  /** Called where a file may be about to start processes. */
  readonly onMayStart: () => void;
  /** Called with what of the program is not instrumented. */
  readonly onNotice: (text: string) => void;
  /** Where followed processes come to. */
  readonly follow: (request: FollowRequest) => Promise<Omit<FollowResponse, 'requestId'>>;
}

/** How one process asks and is answered. */
export interface TransformChannel {
  readonly requests: Readable;
  readonly answers: Writable;
}

export interface TransformBridge {
  /** Answers what comes over the channel. */
  connect(channel: TransformChannel): TransformConnection;
}

export interface TransformConnection {
  /** Resolves when the process has closed its end; never rejects. */
  readonly closed: Promise<void>;
  /** The files asked about so far, by what was done with them. */
  readonly files: { readonly instrumented: number; readonly skipped: number };
}

/** A longer request is not one of ours: something else wrote to the descriptor. */
const maxRequestBytes = 256 * 1024 * 1024;
/** Names of Node's modules that start processes. */
const startsProcesses = /\b(?:child_process|cluster)\b/;
/** Texts kept for files that several threads of the target load, in UTF-16 units. */
const maxKeptText = 32 * 1024 * 1024;

/**
 * Answers requests for instrumented text, one after the other. Site ids are given here, so that they are unique over
 * all threads of all processes of a run; a file loaded again with the same text keeps its ids.
 */
export function createTransformBridge(options: TransformBridgeOptions): TransformBridge {
  const { cache } = options;
  const kept = new Map<string, TransformResponse>();
  let keptText = 0;
  let nextSite = 1;
  let work = Promise.resolve();

  async function answer(request: TargetRequest): Promise<TargetResponse> {
    const { requestId } = request;
    if (request.type === 'follow') return { ...(await options.follow(request)), requestId };
    if (request.type === 'notice') {
      options.onNotice(request.text);
      return { type: 'notice', requestId };
    }
    return { ...(request.type === 'transform' ? await transformed(request) : await options.transform(request)), requestId };
  }

  async function transformed(request: TransformRequest): Promise<TransformResponse> {
    if (startsProcesses.test(request.source ?? '')) options.onMayStart();
    // Loaded here: a run whose texts are all in the cache does without.
    const { createHash } = process.getBuiltinModule('node:crypto');
    const key = createHash('sha256')
      .update(`${request.path}\0${request.format}\0${String(request.probes)}\0${request.source ?? ''}`)
      .digest('base64');
    let response = kept.get(key);
    if (response === undefined) {
      let made: InstrumentResponse | undefined = cache?.get(request);
      let record: UntoldFileRecord | undefined;
      if (made === undefined) {
        const firstSite = cache?.nextSite ?? (nextSite as SiteId);
        made = await options.transform({ ...request, firstSite });
        if (made.type === 'function-texts') throw new TypeError('an answer to another question');
        if (made.type === 'transformed') nextSite += made.sites.length;
        record = untoldFileRecord(request.path, made);
        cache?.put(request, made, record);
      }
      response = made;
      options.onFile(record ?? untoldFileRecord(request.path, response));
      if (response.type === 'transformed') {
        // More than the first id the target has no use for.
        const [first] = response.sites;
        response = { ...response, sites: [], inputs: [], ...(first === undefined ? {} : { firstSite: first.id }) };
      }
      const size = response.type === 'transformed' ? response.code.length : 0;
      if (keptText + size <= maxKeptText) {
        keptText += size;
        kept.set(key, response);
      }
    }
    return response;
  }

  return {
    connect({ requests, answers }) {
      const asked = { instrumented: new Set<string>(), skipped: new Set<string>() };
      let rest: Buffer = Buffer.alloc(0);
      const close = (): void => {
        requests.destroy();
        answers.destroy();
      };

      async function reply(request: TargetRequest): Promise<void> {
        const response = await answer(request);
        if (request.type === 'transform') asked[wasInstrumented(response) ? 'instrumented' : 'skipped'].add(request.path);
        const body = Buffer.from(JSON.stringify(response), 'utf8');
        const message = Buffer.allocUnsafe(4 + body.length);
        message.writeUInt32LE(body.length, 0);
        body.copy(message, 4);
        if (!answers.destroyed && answers.writable) answers.write(message);
      }

      function take(chunk: Buffer): void {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        while (rest.length >= 4) {
          const length = rest.readUInt32LE(0);
          if (length > maxRequestBytes) return close();
          if (rest.length < 4 + length) return;
          const text = rest.toString('utf8', 4, 4 + length);
          rest = rest.subarray(4 + length);
          let request: TargetRequest;
          try {
            request = JSON.parse(text) as TargetRequest;
          } catch {
            return close();
          }
          work = work.then(() => reply(request)).catch(close);
        }
      }

      const closed = new Promise<void>((end) => {
        requests.on('data', take);
        for (const stream of new Set([requests, answers])) stream.on('error', () => {});
        requests.on('end', () => answers.end());
        requests.on('close', () => {
          answers.destroy();
          end(work);
        });
      });
      return {
        closed,
        get files() {
          return { instrumented: asked.instrumented.size, skipped: asked.skipped.size };
        },
      };
    },
  };
}

function wasInstrumented(response: TargetResponse): boolean {
  return response.type === 'transformed' && response.skipped === undefined;
}
