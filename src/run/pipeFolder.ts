import { execFile } from 'node:child_process';
import { closeSync, constants, fstatSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followFiles, type ProcessNumber } from '../shared/followed.ts';
import type { FollowedOptions } from '../shared/targetOptions.ts';

/** What the system tells a file from all others by, whatever its name. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/** The launcher's ends of the pipes of one process. */
export interface PipeSet {
  readonly process: ProcessNumber;
  readonly trace: Socket;
  /** The pipe of the trace. */
  readonly pipe: FileIdentity;
  readonly requests: Socket;
  readonly answers: Socket;
  /** From now on the end of the process ends its pipes. */
  taken(): void;
  close(): void;
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;

/** A private folder with named pipes, by which processes that nobody here has started come to this one. */
export class PipeFolder {
  readonly path: string;
  readonly #onExit = (): void => this.#remove();

  /** Throws where there can be no such folder. */
  constructor() {
    // Others have no right to look into it.
    this.path = mkdtempSync(join(tmpdir(), 'interleave-'));
    process.once('exit', this.#onExit);
    mkdirSync(join(this.path, followFiles.free));
    mkdirSync(join(this.path, followFiles.taken));
  }

  writeOptions(options: FollowedOptions): void {
    writeFileSync(join(this.path, followFiles.options), JSON.stringify(options), { mode: 0o600 });
  }

  /** Makes sets for these processes, opens this end of each, and lets them be taken. */
  async add(processes: readonly ProcessNumber[]): Promise<PipeSet[]> {
    const folderOf = (number: ProcessNumber): string => join(this.path, String(number));
    const names = [followFiles.trace, followFiles.requests, followFiles.answers];
    for (const number of processes) mkdirSync(folderOf(number));
    await makePipes(processes.flatMap((number) => names.map((name) => join(folderOf(number), name))));
    return processes.map((number) => {
      const set = openSet(number, folderOf(number));
      renameSync(folderOf(number), join(this.path, followFiles.free, String(number)));
      return set;
    });
  }

  /** No process waits for a further set. */
  stop(): void {
    rmSync(join(this.path, followFiles.free), { recursive: true, force: true });
  }

  dispose(): void {
    process.off('exit', this.#onExit);
    this.#remove();
  }

  #remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Node itself cannot make them. */
function makePipes(paths: readonly string[]): Promise<void> {
  return new Promise((made, failed) => {
    execFile('mkfifo', ['-m', '600', ...paths], (error) =>
      error === null ? made() : failed(new Error('`mkfifo` failed', { cause: error })),
    );
  });
}

function openSet(process: ProcessNumber, folder: string): PipeSet {
  const path = (name: string): string => join(folder, name);
  // Reading ends first: there is nobody yet to open for.
  const reading = [followFiles.trace, followFiles.requests].map((name) => openSync(path(name), O_RDONLY | O_NONBLOCK));
  // While a pipe has a writer it does not end.
  let writing = [followFiles.trace, followFiles.requests].map((name) => openSync(path(name), O_WRONLY | O_NONBLOCK));
  const answering = openSync(path(followFiles.answers), O_RDWR | O_NONBLOCK);
  const [trace, requests] = reading.map((fd) => new Socket({ fd, readable: true, writable: false })) as [Socket, Socket];
  const answers = new Socket({ fd: answering, readable: false, writable: true });
  const pipe = fstatSync(reading[0] as number);
  const release = (): void => {
    for (const fd of writing) closeSync(fd);
    writing = [];
  };
  return {
    process,
    pipe,
    trace,
    requests,
    answers,
    taken: release,
    close() {
      release();
      for (const stream of [trace, requests, answers]) stream.destroy();
    },
  };
}
