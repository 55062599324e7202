import { createHash } from 'node:crypto';
import { isMade, type TransformRequest, type TransformResponse } from '../shared/instrumentMessages.ts';
import { noAsyncCode } from '../shared/skipReasons.ts';
import { worthParsing } from './worthParsing.ts';

/** Why a file that was only to be converted has none. */
export const notInstrumented = 'excluded by the settings';

/** The answer for a JavaScript file that needs no parser: one without a sign of async code, or to be left alone. */
export function answerWithoutParser(request: TransformRequest, source: string): TransformResponse | undefined {
  if (isMade(request.format)) return undefined;
  if (!/\.[cm]?js$/i.test(request.path) && /\.\w+$/.test(request.path)) return undefined;
  if (!request.probes) return plainAnswer(request, source, notInstrumented);
  return worthParsing(source) ? undefined : plainAnswer(request, source, noAsyncCode);
}

/** The answer for a JavaScript text that stays as it is. */
export function plainAnswer(request: TransformRequest, source: string, skipped: string): TransformResponse {
  const { requestId, format } = request;
  return {
    type: 'transformed',
    requestId,
    code: source,
    format,
    sites: [],
    sourceHash: hashText(source),
    needsSourceMap: false,
    skipped,
  };
}

/** SHA-256 of a text, hex. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
