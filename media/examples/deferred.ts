// A promise that somebody else settles: one task waits, another resolves it three seconds later.
import { setTimeout as sleep } from 'node:timers/promises';

let resolveAnswer: (value: string) => void = () => {};
const answer = new Promise<string>((resolve) => {
  resolveAnswer = resolve;
});

async function waiter(): Promise<void> {
  console.log('waiting');
  const value = await answer;
  console.log(`got ${value}`);
}

async function setter(): Promise<void> {
  await sleep(3000);
  resolveAnswer('the answer');
  console.log('resolved');
}

async function main(): Promise<void> {
  void answer.then((value) => console.log(`callback saw ${value}`));
  await Promise.all([waiter(), setter()]);
}

await main();
