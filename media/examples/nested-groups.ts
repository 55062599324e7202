// A group inside a group: JavaScript starts each call at once, up to its first await, before the next call begins.
import { setTimeout as sleep } from 'node:timers/promises';

async function count(n: number): Promise<void> {
  console.log(`count ${n} begins`);
  await sleep(1000);
  console.log(`count ${n} ends`);
}

async function countAll(): Promise<void> {
  await Promise.all([count(1), count(2), count(3)]);
}

async function sleeper(): Promise<void> {
  console.log('sleeper begins');
  await sleep(2000);
  console.log('sleeper ends');
}

async function main(): Promise<void> {
  await Promise.all([countAll(), sleeper()]);
}

await main();
