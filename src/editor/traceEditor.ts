import type * as vscode from 'vscode';
import type { SourcePlace } from '../shared/pageMessages.ts';
import { FrameReader } from '../shared/traceFrames.ts';
import { ByteLog } from './byteLog.ts';
import { baseName, errorText, type Vscode } from './host.ts';
import { PageHost, type PageTrace } from './pageHost.ts';

export const traceViewType = 'interleave.trace';

export interface TraceEditorOptions {
  readonly vscode: Vscode;
  readonly extensionUri: vscode.Uri;
  readonly reveal: (place: SourcePlace) => void;
  readonly log: vscode.LogOutputChannel;
}

interface TraceDocument extends vscode.CustomDocument {
  readonly trace: PageTrace;
}

/** Opens `*.interleave` files in a timeline page of their own. */
export function createTraceEditor(options: TraceEditorOptions): vscode.CustomReadonlyEditorProvider<TraceDocument> {
  const { vscode, extensionUri, log } = options;
  return {
    async openCustomDocument(uri) {
      return { uri, trace: await readTrace(vscode, uri), dispose: () => {} };
    },
    resolveCustomEditor(document, panel) {
      const page = new PageHost({
        vscode,
        extensionUri,
        webview: panel.webview,
        title: baseName(document.uri.path),
        trace: () => document.trace,
        reveal: options.reveal,
        onError: (message) => log.error(`${document.uri.fsPath}: ${message}`),
      });
      panel.onDidDispose(() => page.dispose());
    },
  };
}

/** Reads a trace file; what cannot be shown becomes a message in the page, not an editor that fails to open. */
async function readTrace(vscode: Vscode, uri: vscode.Uri): Promise<PageTrace> {
  const title = baseName(uri.path);
  const empty = { title, state: 'finished' as const, log: new ByteLog(0) };
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    const failure = unreadable(bytes, vscode);
    if (failure !== undefined) return { ...empty, failure };
    const log = new ByteLog(bytes.length);
    log.append(bytes);
    return { title, state: 'finished', log };
  } catch (error) {
    return { ...empty, failure: vscode.l10n.t('The trace could not be read: {0}', errorText(error)) };
  }
}

function unreadable(bytes: Uint8Array, vscode: Vscode): string | undefined {
  if (bytes.length === 0) return vscode.l10n.t('The file is empty: the run that was to write it never began.');
  const reader = new FrameReader({ expectMagic: true });
  const step = 1 << 20;
  try {
    // Only the mark and the first frames: the page reads the rest and shows what it can of a trace that is damaged later.
    const frames = reader.push(bytes.subarray(0, step));
    if (frames.length === 0 && bytes.length < step) {
      return vscode.l10n.t('The trace holds nothing: it ends before its first record is complete.');
    }
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
