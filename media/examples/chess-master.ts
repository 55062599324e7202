// A chess master plays 24 opponents, 30 moves each: 5 s for the master's move, 55 s for an opponent's.
// Game after game that takes 12 hours; walking from board to board it takes one. Run it on the virtual clock:
// the times are exact and the hours pass at once. Argument: "sequential" or "concurrent" (the default).
import { setTimeout as sleep } from 'node:timers/promises';

const opponents = 24;
const moves = 30;
const masterSeconds = 5;
const opponentSeconds = 55;

async function gameInOrder(): Promise<void> {
  for (let move = 0; move < moves; move++) {
    await sleep(masterSeconds * 1000);
    await sleep(opponentSeconds * 1000);
  }
}

async function reply(): Promise<void> {
  await sleep(opponentSeconds * 1000);
}

async function sequential(): Promise<void> {
  for (let n = 0; n < opponents; n++) await gameInOrder();
}

async function concurrent(): Promise<void> {
  const thinking: Promise<void>[] = [];
  for (let move = 0; move < moves; move++) {
    for (let n = 0; n < opponents; n++) {
      await thinking[n];
      await sleep(masterSeconds * 1000);
      thinking[n] = reply();
    }
  }
  await Promise.all(thinking);
}

const inOrder = process.argv[2] === 'sequential';
const started = Date.now();
await (inOrder ? sequential() : concurrent());
const minutes = (Date.now() - started) / 60_000;
console.log(`${inOrder ? 'one game after the other' : 'from board to board'}: ${Math.floor(minutes / 60)} h ${(minutes % 60).toFixed(1)} min`);
