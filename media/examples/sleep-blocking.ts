// The same three counts, but each one blocks its thread instead of waiting: nothing else can run, and three seconds take three.
const cell = new Int32Array(new SharedArrayBuffer(4));

async function count(pause: () => void): Promise<void> {
  console.log('One');
  pause();
  console.log('Two');
}

async function main(): Promise<void> {
  await Promise.all([
    count(() => Atomics.wait(cell, 0, 0, 1000)),
    count(() => Atomics.wait(cell, 0, 0, 1000)),
    count(() => Atomics.wait(cell, 0, 0, 1000)),
  ]);
}

const started = performance.now();
await main();
console.log(`done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
