// Two worker threads do the heavy work; the event loop of the main thread stays free meanwhile.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

class Pool {
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(size: number) {
    for (let n = 0; n < size; n++) this.#idle.push(new Worker(new URL('./thread-pool-worker.ts', import.meta.url)));
  }

  async run(rounds: number): Promise<string> {
    const worker = this.#idle.pop() ?? (await new Promise<Worker>((resolve) => this.#waiting.push(resolve)));
    worker.postMessage(rounds);
    const [digest] = (await once(worker, 'message')) as [string];
    const next = this.#waiting.shift();
    if (next) next(worker);
    else this.#idle.push(worker);
    return digest;
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.map((worker) => worker.terminate()));
  }
}

async function heartbeat(beats: number): Promise<void> {
  for (let n = 0; n < beats; n++) await sleep(50);
  console.log('the loop stayed free');
}

async function main(): Promise<void> {
  const pool = new Pool(2);
  const [, ...digests] = await Promise.all([heartbeat(6), pool.run(200_000), pool.run(200_000), pool.run(200_000)]);
  console.log(digests.join(' '));
  await pool.close();
}

await main();
