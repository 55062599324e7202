// Runs on a worker thread: blocking here holds up nobody else.
import { pbkdf2Sync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (rounds: number) => {
  parentPort?.postMessage(pbkdf2Sync('secret', 'salt', rounds, 16, 'sha256').toString('hex'));
});
