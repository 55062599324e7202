// Three chains of two steps each, side by side: the slowest chain decides when all is done.
import { setTimeout as sleep } from 'node:timers/promises';

async function part1(n: number): Promise<string> {
  await sleep(n * 100);
  return `result${n}-1`;
}

async function part2(n: number, input: string): Promise<string> {
  await sleep(n * 100 + 50);
  return `result${n}-2 from ${input}`;
}

async function chain(n: number): Promise<void> {
  const first = await part1(n);
  const second = await part2(n, first);
  console.log(`chain ${n}: ${second}`);
}

async function main(): Promise<void> {
  await Promise.all([chain(9), chain(6), chain(3)]);
}

await main();
