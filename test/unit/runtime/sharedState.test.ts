import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import type { ThreadId } from '../../../src/shared/ids.ts';
import { createSharedState, lock, noteStopped, traceLock, unlock } from '../../../src/runtime/record/sharedState.ts';

const module = JSON.stringify(new URL('../../../src/runtime/record/sharedState.ts', import.meta.url).href);

/** A thread that takes the lock, says so and does what the text says. */
async function holder(buffer: SharedArrayBuffer, then: string): Promise<Worker> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     import(${module}).then(({ createSharedState, lock, unlock, traceLock }) => {
       const shared = createSharedState(workerData);
       lock(shared, traceLock, 7);
       parentPort.postMessage('held');
       ${then}
     });`,
    { eval: true, workerData: buffer },
  );
  await new Promise((held) => worker.once('message', held));
  return worker;
}

describe('the locks between threads', () => {
  const main = 0 as ThreadId;

  it('wait for a thread that works', async () => {
    const shared = createSharedState();
    const worker = await holder(
      shared.buffer,
      `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); shared.words[3] = 1; unlock(shared, traceLock);`,
    );
    lock(shared, traceLock, main);
    assert.equal(shared.words[3], 1);
    unlock(shared, traceLock);
    assert.equal(shared.words[traceLock], 0);
    await worker.terminate();
  });

  it('are taken from a thread that was told to stop, long before they are taken from others', async () => {
    const shared = createSharedState();
    const worker = await holder(shared.buffer, '');
    noteStopped(shared, 7 as ThreadId);
    await worker.terminate();
    const began = performance.now();
    lock(shared, traceLock, main);
    assert.ok(performance.now() - began < 10_000);
    assert.equal(shared.words[traceLock], 1);
    unlock(shared, traceLock);
  });

  it('are not waited for by the thread that has them: it was kept from giving them back', () => {
    const shared = createSharedState();
    lock(shared, traceLock, main);
    lock(shared, traceLock, main);
    assert.equal(shared.words[traceLock], 1);
    unlock(shared, traceLock);
    assert.equal(shared.words[traceLock], 0);
  });
});
