import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TraceModel } from '../analyze/model.ts';
import { htmlReport } from '../export/htmlReport.ts';
import { runErrors } from '../run/errors.ts';
import { distDir } from './installation.ts';

/** Writes the self-contained page of a trace. Throws a `RunError` (`trace-unwritable`) where the file cannot be written. */
export function writeReport(path: string, bytes: Uint8Array, model: TraceModel): void {
  const page = join(distDir, 'webview');
  const html = htmlReport({
    bytes,
    title: basename(model.run?.entry ?? 'trace'),
    pageScript: readFileSync(join(page, 'timeline.js'), 'utf8'),
    pageStyle: readFileSync(join(page, 'timeline.css'), 'utf8'),
  });
  try {
    writeFileSync(path, html);
  } catch (error) {
    throw runErrors.traceUnwritable(path, error);
  }
}
