// A queue with timers: producers, consumers, some work per job.
import { setTimeout as sleep } from 'node:timers/promises';
const jobs = Number(process.argv[2] ?? 400_000);
const waiting = [];
const items = [];
let done = 0;
function put(item) {
  const next = waiting.shift();
  if (next) next(item);
  else items.push(item);
}
async function get() {
  return items.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
}
async function work(item) {
  let hash = item;
  for (let i = 0; i < 2_000; i++) hash = (Math.imul(hash, 31) + i) | 0;
  if (item % 50 === 0) await sleep(1);
  return hash;
}
async function consumer() {
  while (done < jobs) {
    await work(await get());
    if (++done >= jobs) for (const resolve of waiting.splice(0)) resolve(0);
  }
}
async function producer(from, to) {
  for (let i = from; i < to; i++) {
    put(i);
    if (i % 100 === 0) await sleep(0);
  }
}
await Promise.all([producer(0, jobs / 2), producer(jobs / 2, jobs + 20), ...Array.from({ length: 10 }, consumer)]);
console.log(JSON.stringify(process.cpuUsage()));
