import { createHash } from 'node:crypto';
import type { TracedFile } from '../analyze/model.ts';

/** Whether a document's text is the one that was traced. The editor strips a byte order mark that the file may have. */
export function isTracedText(text: string, file: Pick<TracedFile, 'sourceHash'>): boolean {
  return sha256(text) === file.sourceHash || sha256(`\uFEFF${text}`) === file.sourceHash;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
