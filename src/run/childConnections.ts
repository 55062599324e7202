import type { FollowRequest, FollowResponse } from '../shared/instrumentMessages.ts';
import type { ProcessHello } from '../shared/followed.ts';
import { mainThread, type ThreadId } from '../shared/ids.ts';
import type { TargetOptions } from '../shared/targetOptions.ts';
import { encodeRecord } from '../shared/traceFrames.ts';
import type { ChildHangs, ChildListener } from './childHangs.ts';
import { reasonOf } from './errors.ts';
import { FrameCutter } from './frameCutter.ts';
import { PipeFolder, type PipeSet } from './pipeFolder.ts';
import { TraceLanes } from './traceLanes.ts';
import type { TransformBridge, TransformConnection } from './transformBridge.ts';

export interface ChildConnectionsOptions {
  readonly target: TargetOptions;
  readonly bridge: TransformBridge;
  /** Left out, nobody looks at where they are held. */
  readonly hangs?: ChildHangs | undefined;
  /** Called with whole frames of the trace. */
  readonly deliver: (bytes: Uint8Array) => void;
  /** Called with what is not traced from now on, and why, in plain words. */
  readonly onNotice: (text: string) => void;
  /** Called where a process took a file from the pack; returns whether it has probes. */
  readonly onPackedFile: (place: number) => boolean;
}

/** So many processes can come at the same moment without waiting for their pipes. */
const keptFree = 4;

interface Connection {
  readonly set: PipeSet;
  readonly cutter: FrameCutter;
  readonly listener: ChildListener | undefined;
  readonly transforms: TransformConnection;
  /** Places of files from the pack, by whether they have probes. */
  readonly packed: Map<number, boolean>;
  readonly closed: Promise<void>;
  readonly pid: number;
  isOpen: boolean;
}

/** The processes below the target that come to the launcher with their trace and their questions. */
export class ChildConnections {
  readonly #options: ChildConnectionsOptions;
  readonly #lanes = new TraceLanes();
  readonly #free = new Set<PipeSet>();
  readonly #connections: Connection[] = [];
  #folder: PipeFolder | undefined;
  #prepared: Promise<string | undefined> | undefined;
  #refilling = false;
  #lastProcess = 0;
  #disposed = false;

  constructor(options: ChildConnectionsOptions) {
    this.#options = options;
  }

  /** Events and tasks of all processes so far. */
  get counts(): { readonly events: number; readonly tasks: number } {
    let [events, tasks] = [0, 0];
    for (const { cutter } of this.#connections) {
      events += cutter.counts.events;
      tasks += cutter.counts.tasks;
    }
    return { events, tasks };
  }

  /** Makes the place where followed processes come to, so that the program does not wait for it when it starts one. */
  prepare(): void {
    if (!this.#options.target.followChildren || process.platform === 'win32') return;
    this.#prepared ??= this.#open().then(
      () => undefined,
      (error: unknown) => `no place for its trace could be made: ${reasonOf(error)}`,
    );
  }

  /** Tells where followed processes come to. */
  async answer(request: FollowRequest): Promise<Omit<FollowResponse, 'requestId'>> {
    if (process.platform === 'win32') return { type: 'follow', reason: 'child processes are not followed on Windows' };
    this.prepare();
    const reason = await this.#prepared;
    if (reason !== undefined || this.#folder === undefined)
      return { type: 'follow', ...(reason === undefined ? {} : { reason }) };
    this.#folder.writeOptions({ options: optionsBelow(this.#options.target), originUnits: request.originUnits });
    return { type: 'follow', folder: this.#folder.path };
  }

  /** True when bytes came that no runtime of ours wrote. */
  get damaged(): boolean {
    return this.#connections.some(({ cutter }) => cutter.damaged);
  }

  /** Process ids of those that have not ended. */
  running(): number[] {
    return this.#connections.flatMap(({ isOpen, pid }) => (isOpen ? [pid] : []));
  }

  /** Waits until the processes that came have ended, no longer than this. */
  async drain(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'over'>((over) => {
      timer = setTimeout(() => over('over'), limitMs);
    });
    for (;;) {
      const open = this.#connections.filter(({ isOpen }) => isOpen);
      if (open.length === 0 || (await Promise.race([Promise.all(open.map(({ closed }) => closed)), limit])) === 'over') break;
    }
    clearTimeout(timer);
  }

  /** Closes all connections; processes still running go on untraced. */
  dispose(): void {
    this.#disposed = true;
    for (const connection of this.#connections) if (connection.isOpen) this.#end(connection, true);
    for (const set of [...this.#free, ...this.#connections.map((connection) => connection.set)]) set.close();
    this.#free.clear();
    this.#folder?.dispose();
  }

  async #open(): Promise<void> {
    this.#folder = new PipeFolder();
    await this.#refill();
  }

  async #refill(): Promise<void> {
    if (this.#refilling) return;
    this.#refilling = true;
    try {
      while (!this.#disposed && this.#folder !== undefined && this.#free.size < keptFree) {
        const numbers = Array.from({ length: keptFree - this.#free.size + 1 }, () => ++this.#lastProcess);
        for (const set of await this.#folder.add(numbers)) this.#await(set);
      }
    } finally {
      this.#refilling = false;
    }
  }

  /** Until it greets nobody has taken the set. */
  #await(set: PipeSet): void {
    if (this.#disposed) return set.close();
    this.#free.add(set);
    const transforms = this.#options.bridge.connect({ requests: set.requests, answers: set.answers });
    let connection: Connection | undefined;
    const packed = new Map<number, boolean>();
    const lane = (): ThreadId => this.#lanes.laneOf(set.process, mainThread);
    const listener = this.#options.hangs?.listen({ lane, pipe: set.pipe });
    const cutter = new FrameCutter(
      (bytes) => {
        const greet = ({ pid }: ProcessHello): void => {
          connection ??= this.#greet({ set, cutter, listener, transforms, packed, closed, pid, isOpen: true });
        };
        this.#options.deliver(this.#lanes.translate(set.process, bytes, greet));
      },
      (place) => packed.set(place, this.#options.onPackedFile(place)),
      listener,
    );
    const closed = new Promise<void>((end) => {
      set.trace.once('close', () => {
        if (connection?.isOpen === true) this.#end(connection, false);
        end();
      });
    });
    set.trace.on('error', () => {});
    set.trace.on('data', (chunk: Buffer) => cutter.push(chunk));
  }

  #greet(connection: Connection): Connection {
    this.#connections.push(connection);
    this.#free.delete(connection.set);
    connection.set.taken();
    this.#refill().catch((error: unknown) => {
      if (this.#disposed) return;
      this.#folder?.stop();
      this.#options.onNotice(`child processes that start from now on are not followed: ${reasonOf(error)}`);
    });
    return connection;
  }

  #end(connection: Connection, outlived: boolean): void {
    connection.isOpen = false;
    connection.listener?.end();
    const thread = this.#lanes.laneOf(connection.set.process, mainThread);
    const { files } = connection.transforms;
    const packed = [...connection.packed.values()];
    const instrumented = files.instrumented + packed.filter((hasProbes) => hasProbes).length;
    const skipped = files.skipped + packed.filter((hasProbes) => !hasProbes).length;
    this.#options.deliver(
      encodeRecord({ type: 'process-end', thread, instrumented, skipped, ...(outlived ? { outlived } : {}) }),
    );
  }
}

/** What of the target's options is meant for the processes below it too. */
function optionsBelow(target: TargetOptions): TargetOptions {
  const { version, traceFd, transformFd, clock, root, exclude, entry, pack, followChildren, questionFolder } = target;
  return {
    version,
    traceFd,
    transformFd,
    clock,
    root,
    exclude,
    entry,
    followChildren,
    ...(pack === undefined ? {} : { pack }),
    ...(questionFolder === undefined ? {} : { questionFolder }),
  };
}
