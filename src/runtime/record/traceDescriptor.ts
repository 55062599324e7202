import * as fs from 'node:fs';
import type { NodeInternals } from '../nodeInternals.ts';

const { fstatSync, writeSync } = fs;
const { wait } = Atomics;
const bigint = { bigint: true } as const;

/**
 * A descriptor that the launcher gave the target. Programs may close descriptors they never opened, and the number then
 * comes back as one of their own files: so its identity is checked before each use.
 */
export interface TraceDescriptor {
  /** True while the descriptor is the one the launcher opened. */
  isOurs(): boolean;
  /** Writes all bytes; false when the reader is gone or does not read for {@link patienceMs}: then nothing more can be written. */
  writeAll(bytes: Uint8Array, length: number): boolean;
}

const patienceMs = 10_000;

export function openTraceDescriptor(fd: number, internals: NodeInternals): TraceDescriptor {
  // Node leaves the numbers of a file there until it calls the program back, and turns are told (and written) in between.
  const shared = internals.binding<{ bigintStatValues?: BigInt64Array }>('fs')?.bigintStatValues;
  const identify = (): { dev: bigint; ino: bigint; mode: bigint } | undefined => {
    const kept = shared?.slice();
    try {
      // `bigint`: the other form leaves its numbers in an array where `fs.realpathSync` of Node 20 takes them for those of the file
      // it looks at, finds a socket, and resolves no links.
      const { dev, ino, mode } = fstatSync(fd, bigint);
      return { dev, ino, mode };
    } catch {
      return undefined;
    } finally {
      if (kept !== undefined) shared?.set(kept);
    }
  };
  const original = identify();
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const isOurs = (): boolean => {
    const now = identify();
    return (
      now !== undefined &&
      original !== undefined &&
      now.ino === original.ino &&
      now.dev === original.dev &&
      now.mode === original.mode
    );
  };
  return {
    isOurs,
    writeAll(bytes, length) {
      let at = 0;
      let waitedMs = 0;
      while (at < length) {
        try {
          const written = writeSync(fd, bytes, at, length - at);
          at += written;
          if (written > 0) waitedMs = 0;
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code;
          if (code === 'EINTR') continue;
          if (code !== 'EAGAIN' || waitedMs >= patienceMs) return false;
          wait(nap, 0, 0, 1);
          waitedMs += 1;
        }
      }
      return true;
    },
  };
}
