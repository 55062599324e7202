import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { htmlReport } from '../export/htmlReport.ts';
import type { StoredRun } from './runStore.ts';

/** The last run as one HTML page with the timeline and the trace in it. */
export async function renderReport(extensionPath: string, run: StoredRun): Promise<string> {
  const folder = join(extensionPath, 'dist', 'webview');
  const [script, style] = await Promise.all([
    readFile(join(folder, 'timeline.js'), 'utf8'),
    readFile(join(folder, 'timeline.css'), 'utf8'),
  ]);
  return htmlReport({ title: run.title, bytes: run.log.read(0, run.log.length), pageScript: script, pageStyle: style });
}
