/** Branded identifiers: a number that names one thing and cannot be passed where another is meant. */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A static place in the source, unique within one trace; ids start at 1, 0 stands for "no site". */
export type SiteId = Branded<number, 'SiteId'>;
/** One activation of an async function; unique within one thread of one trace; starts at 1, 0 stands for "no task". */
export type TaskId = Branded<number, 'TaskId'>;
/** A source file of the trace; starts at 1. */
export type FileId = Branded<number, 'FileId'>;
/**
 * Node's own `worker_threads.threadId`; 0 is the main thread. In a trace those of followed processes have numbers from
 * {@link firstFollowedThread} on, given by the launcher.
 */
export type ThreadId = Branded<number, 'ThreadId'>;

export const noSite = 0 as SiteId;
export const noTask = 0 as TaskId;
export const mainThread = 0 as ThreadId;
export const firstFollowedThread = 0x8000 as ThreadId;
