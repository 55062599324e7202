import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { FileId, SiteId } from '../shared/ids.ts';
import type { TransformRequest, TransformResponse } from '../shared/instrumentMessages.ts';
import type { FileRecord } from '../shared/traceRecords.ts';
import type { TransformCache } from './transformCache.ts';

export interface TransformBridgeOptions {
  readonly transform: (request: TransformRequest) => Promise<TransformResponse>;
  /** Called before the file's text is handed to the target. */
  readonly onFile: (record: FileRecord) => void;
  /** What earlier runs made. */
  readonly cache?: TransformCache | undefined;
}

/** A longer request is not one of ours: something else wrote to the descriptor. */
const maxRequestBytes = 256 * 1024 * 1024;
/** Texts kept for files that several threads of the target load, in UTF-16 units. */
const maxKeptText = 32 * 1024 * 1024;

/**
 * Answers the target's requests for instrumented text, one after the other. File and site ids are given here, so that they
 * are unique over all threads of the target; a file loaded again with the same text keeps its ids.
 * Resolves when the target has closed its end; never rejects.
 */
export function bridgeTransforms(channel: Duplex, options: TransformBridgeOptions): Promise<void> {
  const { cache } = options;
  const kept = new Map<string, TransformResponse>();
  let keptText = 0;
  let lastFile = 0;
  let nextSite = 1;
  let rest: Buffer = Buffer.alloc(0);
  let work = Promise.resolve();

  async function answer(request: TransformRequest): Promise<void> {
    const key = createHash('sha256')
      .update(`${request.path}\0${request.format}\0${String(request.probes)}\0${request.source ?? ''}`)
      .digest('base64');
    let response = kept.get(key);
    if (response === undefined) {
      const file = (lastFile + 1) as FileId;
      response = cache?.get(request);
      if (response === undefined) {
        response = await options.transform({ ...request, file, firstSite: cache?.nextSite ?? (nextSite as SiteId) });
        cache?.put(request, response);
        if (response.type === 'transformed') nextSite += response.sites.length;
      }
      lastFile++;
      options.onFile(fileRecord(lastFile as FileId, request.path, response));
      // The target has no use for the sites.
      if (response.type === 'transformed') response = { ...response, sites: [], inputs: [] };
      const size = response.type === 'transformed' ? response.code.length : 0;
      if (keptText + size <= maxKeptText) {
        keptText += size;
        kept.set(key, response);
      }
    }
    const body = Buffer.from(JSON.stringify({ ...response, requestId: request.requestId }), 'utf8');
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
      let request: TransformRequest;
      try {
        request = JSON.parse(text) as TransformRequest;
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

function fileRecord(file: FileId, path: string, response: TransformResponse): FileRecord {
  const base = { type: 'file', file, path, sourceHash: response.sourceHash } as const;
  if (response.type === 'left') return { ...base, status: 'skipped', reason: response.reason, sites: [] };
  if (response.skipped !== undefined) return { ...base, status: 'skipped', reason: response.skipped, sites: response.sites };
  return { ...base, status: 'instrumented', sites: response.sites };
}
