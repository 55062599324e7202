import type { Duplex } from 'node:stream';
import type { SiteId } from '../shared/ids.ts';
import type { InstrumentRequest, InstrumentResponse, TransformRequest, TransformResponse } from '../shared/instrumentMessages.ts';
import { untoldFileRecord, type UntoldFileRecord } from './fileRecord.ts';
import type { TransformCache } from './transformCache.ts';

export interface TransformBridgeOptions {
  readonly transform: (request: InstrumentRequest) => Promise<InstrumentResponse>;
  /** Called before the file's text is handed to the target. */
  readonly onFile: (record: UntoldFileRecord) => void;
  /** What earlier runs made. */
  readonly cache?: TransformCache | undefined;
}

/** A longer request is not one of ours: something else wrote to the descriptor. */
const maxRequestBytes = 256 * 1024 * 1024;
/** Texts kept for files that several threads of the target load, in UTF-16 units. */
const maxKeptText = 32 * 1024 * 1024;

/**
 * Answers the target's requests for instrumented text, one after the other. Site ids are given here, so that they
 * are unique over all threads of the target; a file loaded again with the same text keeps its ids.
 * Resolves when the target has closed its end; never rejects.
 */
export function bridgeTransforms(channel: Duplex, options: TransformBridgeOptions): Promise<void> {
  const { cache } = options;
  const kept = new Map<string, TransformResponse>();
  let keptText = 0;
  let nextSite = 1;
  let rest: Buffer = Buffer.alloc(0);
  let work = Promise.resolve();

  async function answer(request: InstrumentRequest): Promise<void> {
    if (request.type === 'transform') return answerTransform(request);
    send(await options.transform(request), request.requestId);
  }

  async function answerTransform(request: TransformRequest): Promise<void> {
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
    send(response, request.requestId);
  }

  function send(response: InstrumentResponse, requestId: number): void {
    const body = Buffer.from(JSON.stringify({ ...response, requestId }), 'utf8');
    const message = Buffer.allocUnsafe(4 + body.length);
    message.writeUInt32LE(body.length, 0);
    body.copy(message, 4);
    if (!channel.destroyed && channel.writable) channel.write(message);
  }

  function take(chunk: Buffer): void {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32LE(0);
      if (length > maxRequestBytes) {
        channel.destroy();
        return;
      }
      if (rest.length < 4 + length) return;
      const text = rest.toString('utf8', 4, 4 + length);
      rest = rest.subarray(4 + length);
      let request: InstrumentRequest;
      try {
        request = JSON.parse(text) as InstrumentRequest;
      } catch {
        channel.destroy();
        return;
      }
      work = work.then(() => answer(request)).catch(() => void channel.destroy());
    }
  }

  return new Promise((closed) => {
    channel.on('data', take);
    channel.on('error', () => {});
    channel.on('end', () => channel.end());
    channel.on('close', () => closed(work));
  });
}
