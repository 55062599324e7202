// An async generator hands its items to a consumer, one at a time: each yield waits until the consumer asks again.
import { setTimeout as sleep } from 'node:timers/promises';

async function* numbers(end: number): AsyncGenerator<number> {
  for (let n = 0; n < end; n++) {
    await sleep(50);
    yield n;
  }
}

async function* squaresOfEven(source: AsyncIterable<number>): AsyncGenerator<number> {
  for await (const n of source) {
    if (n % 2 === 0) yield n * n;
  }
}

async function main(): Promise<void> {
  const squares: number[] = [];
  for await (const square of squaresOfEven(numbers(6))) {
    console.log(`got ${square}`);
    squares.push(square);
  }
  console.log(squares.join(' '));
}

await main();
