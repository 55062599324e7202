import * as vscode from 'vscode';
import type { TraceModel } from '../../../src/analyze/model.ts';
import type { RunningExtension } from '../../../src/editor/createExtension.ts';
import type { StoredRun } from '../../../src/editor/runStore.ts';
import { extension, openFile } from './editor.ts';

/** What the extension hands out to tests. */
export function running(): RunningExtension {
  const api = extension().exports as RunningExtension | undefined;
  if (!api) throw new Error('The extension hands out nothing: it was not started for tests');
  return api;
}

/** The last run and its model; throws before the first. */
export function lastRun(): { readonly run: StoredRun; readonly model: TraceModel } {
  const { run, model } = running().store;
  if (!run || !model) throw new Error('Nothing was traced yet');
  return { run, model };
}

/** Traces a file of the workspace by the command and waits for its end. */
export async function trace(name: string): Promise<TraceModel> {
  const editor = await openFile(name);
  await vscode.commands.executeCommand('interleave.traceRun', editor.document.uri);
  // A message about the run must not stay in the way of the next one.
  await vscode.commands.executeCommand('notifications.clearAll');
  return lastRun().model;
}
