// Three tasks sleep at the same time: three seconds of sleep pass in one.
import { setTimeout as sleep } from 'node:timers/promises';

async function count(): Promise<void> {
  console.log('One');
  await sleep(1000);
  console.log('Two');
}

async function main(): Promise<void> {
  await Promise.all([count(), count(), count()]);
}

const started = performance.now();
await main();
console.log(`done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
