import type { FileId, SiteId } from './ids.ts';
import type { InsertedColumns } from './insertedColumns.ts';
import type { Site } from './site.ts';

/** How Node will run the text: `commonjs`, `module`, or `unknown` where only the text can tell. */
export type ModuleFormat = 'commonjs' | 'module' | 'unknown';
/** How a test runner will run the text that it made of a file: within a function, or as a module or a function that awaits. */
export type MadeFormat = 'made-commonjs' | 'made-module';
export type TextFormat = ModuleFormat | MadeFormat;

export function isMade(format: TextFormat): format is MadeFormat {
  return format === 'made-commonjs' || format === 'made-module';
}

/** Asks the instrument worker for the text to run in place of a file. */
export interface TransformRequest {
  readonly type: 'transform';
  readonly requestId: number;
  /** Absolute path; also decides the language by its extension. */
  readonly path: string;
  /** The text, where the asker has it; else the worker reads the file. */
  readonly source?: string;
  /** What Node, or the test runner, has already decided about the format. */
  readonly format: TextFormat;
  readonly file: FileId;
  /** The id of the file's first site; the others follow in order. */
  readonly firstSite: SiteId;
  /** False: convert TypeScript or JSX to JavaScript but insert no probes (an excluded file that Node could not run as it is). */
  readonly probes: boolean;
}

/** How imports in a TypeScript file are found beyond what Node does; from its `tsconfig.json`. */
export interface PathMapping {
  /** Absolute folder that relative targets start from. */
  readonly base: string;
  /** As in `compilerOptions.paths`. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** `compilerOptions.baseUrl` as an absolute path, when set. */
  readonly baseUrl?: string;
}

export type TransformResponse =
  | {
      readonly type: 'transformed';
      readonly requestId: number;
      readonly code: string;
      readonly format: TextFormat;
      readonly sites: readonly Site[];
      /** For the target, which gets no sites: the id of the first one, where there are any. */
      readonly firstSite?: SiteId;
      readonly sourceHash: string;
      /** True when lines moved (a construct had to be printed anew) and the text ends with an inline source map. */
      readonly needsSourceMap: boolean;
      /** Where lines are longer than in the source; left out where nothing was inserted or lines moved. */
      readonly columns?: InsertedColumns;
      /** Of a text that a test runner made: for each of its lines the line of the file it comes from, both from 1; 0 where it comes from none. Left out where all lines stayed. */
      readonly lines?: readonly number[];
      readonly mapping?: PathMapping;
      /** Other files the answer depends on: configurations that were read, or looked for in vain. Absolute paths. */
      readonly inputs?: readonly string[];
      /** Set when no probes were put in: why, in plain words. */
      readonly skipped?: string;
    }
  | {
      /** Node shall load the file as if nobody had asked, so that the user sees Node's own result or error. */
      readonly type: 'left';
      readonly requestId: number;
      readonly reason: string;
      readonly sourceHash: string;
    };

export type Transformed = Extract<TransformResponse, { type: 'transformed' }>;

/** Asks for the texts that the functions of a file have without probes, where lines moved: a text that TypeScript printed anew. */
export interface FunctionTextsRequest {
  readonly type: 'function-texts';
  readonly requestId: number;
  /** Absolute path of the file. */
  readonly path: string;
  /** The text that runs: as printed, with probes and with the source map at its end. */
  readonly code: string;
}

export interface FunctionTextsResponse {
  readonly type: 'function-texts';
  readonly requestId: number;
  /** The file as it is printed without probes. */
  readonly bare: string;
  /** Four numbers a function: start and end in the code, start and end in `bare`; all from 0. Empty where that could not be found out. */
  readonly places: readonly number[];
}

/** Asks how child processes come to the launcher; answered by the launcher itself. */
export interface FollowRequest {
  readonly type: 'follow';
  readonly requestId: number;
  /** The moment that counts as 0, in units of 100 ns of the machine's monotonic clock; the first one told counts. */
  readonly originUnits: number;
}

export interface FollowResponse {
  readonly type: 'follow';
  readonly requestId: number;
  /** The private folder of the run; unset where children cannot be followed. */
  readonly folder?: string;
  /** Why they cannot, in plain words. */
  readonly reason?: string;
}

/** Tells what of the program is not instrumented, as soon as that is known. */
export interface NoticeRequest {
  readonly type: 'notice';
  readonly requestId: number;
  /** In plain words. */
  readonly text: string;
}

export interface NoticeResponse {
  readonly type: 'notice';
  readonly requestId: number;
}

/** What the target asks. */
export type TargetRequest = InstrumentRequest | FollowRequest | NoticeRequest;
export type TargetResponse = InstrumentResponse | FollowResponse | NoticeResponse;

export type InstrumentRequest = TransformRequest | FunctionTextsRequest;
export type InstrumentResponse = TransformResponse | FunctionTextsResponse;

/** `end`: the worker ends by itself, once it has kept the compiler's code. */
export type InstrumentWorkerRequest = InstrumentRequest | { readonly type: 'end' };
/** Sent as JSON. `code-lacking`: V8's code of the compiler is not kept yet, so the worker would do well to be asked to end and not be ended. */
export type InstrumentWorkerMessage = InstrumentResponse | { readonly type: 'code-lacking' };

/** Names the instrumented text calls. They live in the realm's global lexical scope: no property of `globalThis`. */
export const probeNames = {
  /** `(site) => task`: a task begins. */
  enter: '__il_e',
  /** `(task, site, value?) => value`: about to suspend. */
  suspend: '__il_s',
  /** `(task, value?) => value`: went on with a value. */
  resume: '__il_r',
  /**
   * `(task, inFinally?) => void`: first thing in every `catch` and `finally` that an await can lead to. If the task was suspended it
   * went on: with a throw; but in a `finally` (`inFinally` is 1) after `complete`, with a value, and it stays complete.
   */
  caught: '__il_c',
  /** `(task, value?) => value`: about to return normally. */
  complete: '__il_k',
  /** `(task, value) => value`: what a `throw` of the task itself is about to throw. */
  thrown: '__il_h',
  /** `(error) => error`: what was caught, with what V8 quoted of probes in its message put right. */
  mend: '__il_m',
  /**
   * `(task) => void`: in the `finally` around the whole body: the task ends. It returned if `complete` was called last, even if it was
   * suspended after that (a `return` that awaits, an iterator that is being closed): then it went on with a value.
   */
  settle: '__il_f',
  /** `(site) => token`: a blocking call or loop begins. */
  blockBegin: '__il_b',
  /** `(value) => value`: an argument of the blocking call under way that tells what it does (the command of a child process). */
  blockArgument: '__il_a',
  /** `(token, value?) => value`: it ended. */
  blockEnd: '__il_d',
  /** `(site, value) => value`: around the first argument of a call of a promise's own resolve or reject, or around a call without one. */
  settleCall: '__il_w',
  /** `(site) => token`: first thing in a synchronous function that something calls in a turn or microtask of its own. */
  callbackBegin: '__il_i',
  /** `(token) => void`: in the `finally` around its body. */
  callbackEnd: '__il_j',
  /** The local variable that holds the running task's id. */
  task: '__il_t',
} as const;
