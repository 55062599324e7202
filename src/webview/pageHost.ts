import type { FromPage, PageState, ToPage } from '../shared/pageMessages.ts';
import { waitKinds } from '../shared/waitKind.ts';

/** Whoever shows the page: an editor, or a report file opened in a browser. */
export interface PageHost {
  /** False in a report: there is nobody to open a file or to keep the state. */
  readonly connected: boolean;
  post(message: FromPage): void;
  state(): PageState | undefined;
  keep(state: PageState): void;
  /** Messages in order; those of a report come at once. */
  listen(receive: (message: ToPage) => void): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** What an HTML report carries: the whole trace file as base64. */
export interface ReportData {
  readonly title: string;
  readonly bytes: string;
}

interface PageGlobals {
  acquireVsCodeApi?: () => VsCodeApi;
  interleaveReport?: ReportData;
}

export function pageHost(): PageHost {
  const globals = globalThis as PageGlobals;
  if (globals.acquireVsCodeApi) return editorHost(globals.acquireVsCodeApi());
  return reportHost(globals.interleaveReport);
}

function editorHost(api: VsCodeApi): PageHost {
  return {
    connected: true,
    post: (message) => api.postMessage(message),
    state: () => pageStateFrom(api.getState()),
    keep(state) {
      api.setState(state);
      api.postMessage({ type: 'state', state } satisfies FromPage);
    },
    listen(receive) {
      addEventListener('message', (event: MessageEvent<ToPage>) => receive(event.data));
    },
  };
}

/** Bytes handed over at once; the page draws between two such parts. */
const partBytes = 4 * 1024 * 1024;

function reportHost(report: ReportData | undefined): PageHost {
  return {
    connected: false,
    post: () => {},
    state: () => undefined,
    keep: () => {},
    listen(receive) {
      if (!report) {
        receive({ type: 'failed', message: 'This page holds no trace.' });
        return;
      }
      receive({ type: 'hello', protocol: 1, title: report.title, state: 'running', mayReveal: false });
      let bytes: Uint8Array;
      try {
        bytes = decodeBase64(report.bytes);
      } catch {
        receive({ type: 'failed', message: 'The trace in this report is damaged: it is not valid base64.' });
        return;
      }
      let at = 0;
      const next = (): void => {
        receive({ type: 'trace', bytes: bytes.subarray(at, at + partBytes) });
        at += partBytes;
        if (at < bytes.length) setTimeout(next, 0);
        else receive({ type: 'finished' });
      };
      next();
    },
  };
}

export function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Kept state is read back with care: another version of the page may have written it. */
export function pageStateFrom(value: unknown): PageState | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { hiddenKinds, foldedTasks, view, textTwin } = value as Partial<Record<keyof PageState, unknown>>;
  const kinds = Array.isArray(hiddenKinds) ? waitKinds.filter((kind) => hiddenKinds.includes(kind)) : [];
  const folded = Array.isArray(foldedTasks) ? foldedTasks.filter((task): task is number => Number.isInteger(task)) : [];
  const seen = viewFrom(view);
  return { hiddenKinds: kinds, foldedTasks: folded, textTwin: textTwin === true, ...(seen ? { view: seen } : {}) };
}

function viewFrom(value: unknown): PageState['view'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { startUs, endUs, scrollTop } = value as Record<string, unknown>;
  if (!isFinite(startUs) || !isFinite(endUs) || !isFinite(scrollTop) || startUs >= endUs) return undefined;
  return { startUs, endUs, scrollTop };
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}
