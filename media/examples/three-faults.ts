// Three faults in one program: a slow callback, a promise nobody awaits, and a task that never ends.
import { setTimeout as sleep } from 'node:timers/promises';

async function slowStep(): Promise<void> {
  await sleep(20);
  const until = performance.now() + 150;
  while (performance.now() < until) {
    // holds the event loop
  }
}

async function audit(): Promise<void> {
  await sleep(10);
  console.log('audit written');
}

async function stuck(): Promise<void> {
  await new Promise(() => {});
}

async function main(): Promise<void> {
  audit();
  void stuck();
  await slowStep();
  console.log('done');
}

await main();
