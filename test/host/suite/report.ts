import { appendFileSync } from 'node:fs';
import { resultsVariable, type ResultLine } from './results.ts';

/** Appends one line to the results: written at once, so that a host that dies has told what it knew. */
export function report(line: ResultLine): void {
  const path = process.env[resultsVariable];
  if (path === undefined) throw new Error(`${resultsVariable} is not set`);
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}
