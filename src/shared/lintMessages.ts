import type { SiteKind } from './site.ts';

/** `error` is what people make of a rule; no rule says so by itself. */
export type FindingSeverity = 'error' | 'warning' | 'information' | 'hint';

/** One reported problem. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Finding {
  readonly rule: string;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** How the place is reached, outermost first; empty for a direct call. */
  readonly chain: readonly { readonly path: string; readonly line: number; readonly name: string }[];
}

/** What a call that blocks costs: `blocking-call` weighs its findings by it. */
export type BlockingCost = 'syscall' | 'data' | 'cpu' | 'unbounded' | 'load';

/** What people may change about the lint. Everything left out is as it comes. */
export interface LintOptions {
  /** By rule: off, or the severity of all its findings. */
  readonly rules?: Readonly<Record<string, 'off' | FindingSeverity>>;
  /** What a finding of each cost weighs; `off` leaves the calls of that cost out. */
  readonly severityByCost?: Readonly<Partial<Record<BlockingCost, 'off' | FindingSeverity>>>;
  /** More functions that block: `module#export`, `module#Class.prototype.method`; without `#`, a global. */
  readonly blocking?: readonly string[];
  /** Functions, written the same way, that do not count as blocking. */
  readonly nonblocking?: readonly string[];
}

/** What the source says of one await point. */
export interface AwaitPointInfo {
  readonly kind: SiteKind;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The awaited expression, at most 80 characters. */
  readonly expression: string;
  /** Its type as TypeScript prints it, when known; and the type the await gives. */
  readonly operandType?: string;
  readonly resultType?: string;
  /** The function that suspends here, and what its caller holds meanwhile (`Promise<User>`); unset at a module's top level. */
  readonly functionName?: string;
  readonly callerGets?: string;
  /** True where the operand's type shows no promise: the await only costs a microtask. */
  readonly neverSuspendsLong: boolean;
}

/** An async function or async generator that a person could trace. */
export interface FunctionOutline {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly generator: boolean;
  /** The name it is exported under at the top level of its module; unset when it cannot be called from outside. */
  readonly exportName?: string;
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly optional: boolean }[];
}

export interface FileOutline {
  readonly functions: readonly FunctionOutline[];
  /** Line of the first top-level await, when there is one. */
  readonly topLevelAwaitLine?: number;
}

/** A change of a file: what stands between two offsets (UTF-16 units of the text that was checked) gives way to a new text. */
export interface TextEdit {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** One way to settle a finding. */
export interface LintFix {
  /** What it does, for a menu. */
  readonly title: string;
  readonly kind: 'rewrite' | 'ignore';
  /** The finding: its rule and its place, from 1. */
  readonly rule: string;
  readonly line: number;
  readonly column: number;
  /** None overlap; all of one file unless callers elsewhere have to change too. */
  readonly edits: readonly TextEdit[];
  /** How long the texts were, by path, where other files change too: the editor may have newer ones. */
  readonly lengths?: Readonly<Record<string, number>>;
  /** The program stays the same but for what waits: fit to be applied unseen. */
  readonly safe: boolean;
  /** How many findings it settles. */
  readonly findings: number;
}

/** A stretch of a text, from 1, columns in UTF-16 units. */
export interface TextRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** To the lint worker. `text` is the unsaved text; without it the file is read. A later request for a file makes an earlier one of the same type stale. */
export type LintRequest =
  | {
      readonly type: 'check';
      readonly requestId: number;
      readonly path: string;
      readonly text?: string;
      readonly options?: LintOptions;
    }
  | {
      readonly type: 'awaitPoint';
      readonly requestId: number;
      readonly path: string;
      readonly text?: string;
      readonly line: number;
      readonly column: number;
    }
  | { readonly type: 'outline'; readonly requestId: number; readonly path: string; readonly text?: string }
  | {
      readonly type: 'fixes';
      readonly requestId: number;
      readonly path: string;
      readonly text?: string;
      readonly options?: LintOptions;
      /** Only of findings that touch this; unset: of all. */
      readonly range?: TextRange;
      /** `all-safe`: at most one fix, which does what all the safe ones do. */
      readonly want: 'each' | 'all-safe';
    }
  | { readonly type: 'close'; readonly requestId: number; readonly path: string }
  /** Files that will be asked for soon: read together they share one program. */
  | { readonly type: 'load'; readonly requestId: number; readonly paths: readonly string[] }
  /** The files of the project that a file belongs to: none where there are more than `most`, and from the second time on. */
  | { readonly type: 'projectFiles'; readonly requestId: number; readonly path: string; readonly most: number };

/** From the lint worker: exactly one per request. */
export type LintResponse =
  | {
      readonly type: 'findings';
      readonly requestId: number;
      readonly findings: readonly Finding[];
      /** Set when the file was not checked, or only in part: why, in plain words. */
      readonly note?: string;
    }
  | { readonly type: 'awaitPoint'; readonly requestId: number; readonly info: AwaitPointInfo | undefined }
  | { readonly type: 'outline'; readonly requestId: number; readonly outline: FileOutline }
  | { readonly type: 'fixes'; readonly requestId: number; readonly fixes: readonly LintFix[] }
  | { readonly type: 'stale'; readonly requestId: number }
  | { readonly type: 'done'; readonly requestId: number }
  | { readonly type: 'projectFiles'; readonly requestId: number; readonly paths: readonly string[] }
  | { readonly type: 'failed'; readonly requestId: number; readonly message: string };
