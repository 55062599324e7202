import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  bodiesStart,
  entryBytes,
  packHeaderBytes,
  packIdLength,
  packMark,
  paddedTo4,
  readPackHeader,
  type PackEntry,
  type PackHead,
} from '../shared/textPack.ts';

/** A pack that stays open: another run may put a new one in its place. */
export interface OpenPack {
  readonly id: string;
  readonly head: PackHead;
  /** Part of an entry's body, from its beginning. Throws where it cannot be read. */
  read(entry: PackEntry, from: number, length: number): Buffer;
  close(): void;
}

/** Undefined where there is none, it is damaged or cut off, or another build of the instrumenter made it. */
export function openPack(file: string, maker: string): OpenPack | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const header = readPackHeader(readAt(fd, 0, packHeaderBytes));
    const size = fstatSync(fd).size;
    if (header !== undefined && bodiesStart(header.headBytes) <= size) {
      const head = JSON.parse(readAt(fd, packHeaderBytes, header.headBytes).toString('utf8')) as PackHead;
      const start = bodiesStart(header.headBytes);
      if (head.maker === maker && isSound(head, size - start)) {
        return {
          id: header.id,
          head,
          read: (entry, from, length) => readAt(fd, start + entry.start + from, length),
          close: () => closeSync(fd),
        };
      }
    }
  } catch {
    // Damaged: the run makes a new one.
  }
  closeSync(fd);
  return undefined;
}

/** Puts a new pack in the place of the old one, whole or not at all. */
export function writePack(file: string, head: PackHead, bodies: readonly Uint8Array[]): void {
  // Loaded here: a run that has nothing to write does without.
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const text = Buffer.from(JSON.stringify(head), 'utf8');
  const front = Buffer.alloc(bodiesStart(text.length), ' ');
  front.fill(0, 0, packHeaderBytes);
  front.write(packMark + randomBytes(packIdLength / 2).toString('hex'), 'latin1');
  front.writeUInt32LE(text.length, packMark.length + packIdLength);
  text.copy(front, packHeaderBytes);
  const partial = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(partial, Buffer.concat([front, ...bodies]), { mode: 0o600 });
    renameSync(partial, file);
  } catch {
    removeQuietly(partial);
  }
}

/** The bodies follow one another within the file, and no site belongs to two texts. */
function isSound({ entries }: PackHead, bytes: number): boolean {
  let end = 0;
  for (const entry of entries) {
    if (entry.start < end) return false;
    end = entry.start + paddedTo4(entryBytes(entry));
  }
  if (end > bytes) return false;
  let lastSite = 0;
  for (const { firstSite, sites } of entries.filter((entry) => entry.sites > 0).sort((a, b) => a.firstSite - b.firstSite)) {
    if (firstSite <= lastSite) return false;
    lastSite = firstSite + sites - 1;
  }
  return true;
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) throw new RangeError('the file ends before');
    done += count;
  }
  return bytes;
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is none: nothing was written.
  }
}
