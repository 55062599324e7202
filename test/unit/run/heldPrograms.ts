import type { Outcome } from './support.ts';

/** `hold` does not return before the file exists that `RELEASE` names. */
export const holding = `
const fs = require('node:fs');
const released = () => fs.existsSync(process.env.RELEASE);
let sum = 0;
function work() {
  for (let i = 0; i < 1e5; i++) sum += Math.sqrt(i);
}
function hold() {
  while (!released()) {
    work();
  }
}
`;
export const linesOfHolding = holding.split('\n').length - 1;

export const sleep = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));

/** Gives up before a test is given up, so that what it began can be ended. */
export async function until(condition: () => boolean): Promise<void> {
  for (const from = Date.now(); !condition() && Date.now() - from < 45_000;) await sleep(20);
}

/** What differs between any two runs. */
export function plain({ stdout, stderr, code, signal }: Outcome): Outcome {
  const text = (printed: string): string =>
    printed
      .replace(/ws:\S+/g, 'ws:PLACE')
      .replace(/\(node:\d+\)/g, '(node:PID)')
      .replace(/duration_ms:? [\d.]+/g, 'duration_ms N');
  return { stdout: text(stdout), stderr: text(stderr), code, signal };
}
