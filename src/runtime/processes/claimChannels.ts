import * as fs from 'node:fs';
import { followFiles, type ProcessNumber } from '../../shared/followed.ts';

/** Descriptors of a followed process, all blocking. */
export interface Channels {
  readonly process: ProcessNumber;
  readonly traceFd: number;
  readonly requestFd: number;
  readonly answerFd: number;
}

/** The launcher makes new sets as they are taken, within milliseconds. */
const patienceMs = 2_000;

const { openSync, closeSync, readdirSync, renameSync } = fs;
const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;

/** Takes a set of named pipes to the launcher; undefined when it is gone, or has none left for long. Waits without the event loop. */
export function claimChannels(folder: string): Channels | undefined {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs++) {
    let free: string[];
    try {
      free = readdirSync(`${folder}/${followFiles.free}`);
    } catch {
      return undefined;
    }
    for (const name of free) {
      const set = `${folder}/${followFiles.taken}/${name}`;
      try {
        renameSync(`${folder}/${followFiles.free}/${name}`, set);
      } catch {
        // Another process was faster.
        continue;
      }
      return open(set, Number(name));
    }
    Atomics.wait(nap, 0, 0, 1);
  }
  return undefined;
}

function open(set: string, process: ProcessNumber): Channels | undefined {
  try {
    // Fails at once where nobody reads, that is, where the launcher is gone; the blocking ones would wait for ever.
    const probe = openSync(`${set}/${followFiles.trace}`, O_WRONLY | O_NONBLOCK);
    const traceFd = openSync(`${set}/${followFiles.trace}`, O_WRONLY);
    const requestFd = openSync(`${set}/${followFiles.requests}`, O_WRONLY);
    const answerFd = openSync(`${set}/${followFiles.answers}`, O_RDONLY);
    closeSync(probe);
    return { process, traceFd, requestFd, answerFd };
  } catch {
    return undefined;
  }
}
