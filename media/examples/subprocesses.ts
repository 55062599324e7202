// Children one after the other hold the event loop; children awaited together do not.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const nap = 'setTimeout(() => {}, 200)';

async function oneAfterTheOther(): Promise<void> {
  for (let n = 1; n <= 3; n++) {
    spawnSync(process.execPath, ['-e', nap]);
    console.log(`sync child ${n} is done`);
  }
}

async function runChild(): Promise<number> {
  const child = spawn(process.execPath, ['-e', nap]);
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

async function allTogether(): Promise<void> {
  const codes = await Promise.all([runChild(), runChild(), runChild(), runChild(), runChild()]);
  console.log(`exit codes ${codes.join(' ')}`);
}

await oneAfterTheOther();
await allTogether();
