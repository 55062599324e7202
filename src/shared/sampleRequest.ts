/** By this file the launcher asks a followed process. Its number tells whether somebody still has to answer. */
export const questionFile = (folder: string, pid: number): string => `${folder}/question-${pid}`;

/**
 * What the launcher writes into the file by which it asks a target to tell where it is; the target removes the file once it has. It
 * makes the file itself, with nothing in it, where it wants no more questions.
 */
export const sampleRequest = {
  /** Tell of holds of at least so long; unset: only hand on the events. */
  text: (leastUs?: number): string => String(leastUs ?? -1),
  /** Undefined where it is no question. */
  leastUs: (text: string): number | undefined => (text === '' ? undefined : Number(text)),
} as const;
