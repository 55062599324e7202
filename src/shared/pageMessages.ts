import type { WaitKind } from './waitKind.ts';

/** A place in a file. Lines and columns count from 1. */
export interface SourcePlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Where the page shall look: a stretch of time, a task, or both. Times in microseconds of the trace. */
export interface TimelineFocus {
  readonly startUs?: number;
  readonly endUs?: number;
  /** Index of the task in the model. */
  readonly task?: number;
}

/** From the editor to the timeline page. */
export type ToPage =
  | {
      readonly type: 'hello';
      readonly protocol: 1;
      readonly title: string;
      readonly state: 'running' | 'finished';
      readonly mayReveal: boolean;
    }
  /** Trace bytes in order; the first chunk begins with the file's magic. */
  | { readonly type: 'trace'; readonly bytes: Uint8Array }
  /** A new run replaces the trace shown. */
  | { readonly type: 'reset'; readonly title: string }
  | { readonly type: 'finished' }
  | { readonly type: 'focus'; readonly focus: TimelineFocus }
  | { readonly type: 'failed'; readonly message: string };

/** From the timeline page to the editor. */
export type FromPage =
  | { readonly type: 'ready'; readonly protocol: 1 }
  | { readonly type: 'reveal'; readonly place: SourcePlace }
  | { readonly type: 'state'; readonly state: PageState }
  | { readonly type: 'error'; readonly message: string };

/** What the page wants back after it was hidden or the window reloaded. */
export interface PageState {
  readonly hiddenKinds: readonly WaitKind[];
  readonly foldedTasks: readonly number[];
  readonly view?: { readonly startUs: number; readonly endUs: number; readonly scrollTop: number };
  readonly textTwin: boolean;
}
