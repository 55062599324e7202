import type { Readable } from 'node:stream';
import type { Socket } from 'node:net';

/** How often a stream left open after the target's end is looked at. */
const checkMs = 250;

/**
 * Resolves when a stream of an ended process has given all it has. A grandchild may hold the other end open for ever: once nothing
 * has come for a while and the reader has taken everything, the stream is closed from this side.
 */
export function drained(stream: Readable | null | undefined): Promise<void> {
  if (stream === null || stream === undefined || stream.closed) return Promise.resolve();
  return new Promise((done) => {
    const socket = stream as Readable & Partial<Pick<Socket, 'bytesRead'>>;
    let seen = -1;
    const timer = setInterval(() => {
      // Nobody reads: the bytes would wait for ever.
      if (stream.readableFlowing === null && stream.listenerCount('readable') === 0) stream.resume();
      const read = socket.bytesRead ?? 0;
      if (read === seen && stream.readableLength === 0) stream.destroy();
      seen = read;
    }, checkMs);
    stream.once('close', () => {
      clearInterval(timer);
      done();
    });
  });
}
