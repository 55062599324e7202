/** Environment variable with the path of the file that the suite in the extension host writes, one JSON object per line. */
export const resultsVariable = 'INTERLEAVE_TEST_RESULTS';

export type ResultLine =
  | {
      readonly type: 'test';
      readonly title: string;
      readonly passed: boolean;
      readonly durationMs: number;
      readonly error?: string;
    }
  /** A figure worth reading. */
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'end' };
