// Three tasks draw numbers until one is high enough, each with its own pause in between.
// The await in the loop is sequential on purpose: the next draw only happens when this one failed.
import { setTimeout as sleep } from 'node:timers/promises';

/** A small generator with a seed (mulberry32), so that every run draws the same numbers. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

async function makeRandom(name: string, seed: number, threshold: number, pauseMs: number): Promise<number> {
  const draw = seeded(seed);
  let value = Math.floor(draw() * 11);
  while (value <= threshold) {
    console.log(`${name} drew ${value}: too low, again in ${pauseMs} ms`);
    await sleep(pauseMs);
    value = Math.floor(draw() * 11);
  }
  console.log(`${name} drew ${value}: done`);
  return value;
}

async function main(): Promise<void> {
  const values = await Promise.all([makeRandom('A', 444, 8, 100), makeRandom('B', 445, 7, 200), makeRandom('C', 446, 6, 300)]);
  console.log(values.join(' '));
}

await main();
