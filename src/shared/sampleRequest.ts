/** What the launcher writes into the file by which it asks a target to tell where it is; the target removes the file once it has. */
export const sampleRequest = {
  /** Tell of holds of at least so long; unset: only hand on the events. */
  text: (leastUs?: number): string => String(leastUs ?? -1),
  leastUs: (text: string): number => Number(text),
} as const;
