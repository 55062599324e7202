import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteLog } from '../../../src/editor/byteLog.ts';
import { ChunkSender } from '../../../src/editor/chunkSender.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function logOf(text: string): ByteLog {
  const log = new ByteLog(1e6);
  log.append(bytes(text));
  return log;
}

/** A page that takes each chunk when told to. */
function page(): { sent: string[]; take: () => void; post: (chunk: Uint8Array) => Promise<void> } {
  const sent: string[] = [];
  const waiting: (() => void)[] = [];
  return {
    sent,
    take: () => waiting.shift()?.(),
    post(chunk) {
      sent.push(new TextDecoder().decode(chunk));
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

const settled = () => sleep(5);

/** Waits until something holds: timers are late on a busy machine. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !holds(); tries++) await settled();
  assert.ok(holds(), holds.toString());
}

describe('a trace on its way to a page', () => {
  it('goes in chunks, the next only after the last was taken', async () => {
    const { sent, take, post } = page();
    let ended = 0;
    const sender = new ChunkSender({ post, onEnd: () => ended++, intervalMs: 0, maxChunkBytes: 4 });
    const log = logOf('abcdefghij');
    sender.start(log, false);
    assert.deepEqual(sent, ['abcd']);
    log.append(bytes('kl'));
    sender.more();
    await settled();
    assert.deepEqual(sent, ['abcd'], 'the page has not taken the first yet');
    take();
    await until(() => sent.length === 2);
    take();
    await until(() => sent.length === 3);
    assert.deepEqual(sent, ['abcd', 'efgh', 'ijkl']);
    sender.end();
    assert.equal(ended, 0, 'the last chunk is not taken yet');
    take();
    await until(() => ended === 1);
    sender.stop();
  });

  it('gathers what comes within an interval', async () => {
    const { sent, take, post } = page();
    const sender = new ChunkSender({ post, onEnd: () => {}, intervalMs: 30 });
    const log = logOf('a');
    sender.start(log, false);
    take();
    for (const part of 'bcdef') {
      log.append(bytes(part));
      sender.more();
      await Promise.resolve();
    }
    assert.deepEqual(sent, ['a']);
    await until(() => sent.length > 1);
    assert.deepEqual(sent, ['a', 'bcdef']);
    sender.stop();
  });

  it('begins anew for a page that was rebuilt, and no old answer moves it', async () => {
    const { sent, take, post } = page();
    let ended = 0;
    const sender = new ChunkSender({ post, onEnd: () => ended++, intervalMs: 0 });
    sender.start(logOf('first'), true);
    sender.start(logOf('second'), true);
    take();
    await settled();
    assert.equal(ended, 0);
    take();
    await until(() => ended === 1);
    assert.deepEqual(sent, ['first', 'second']);
  });

  it('tells the end of an empty log, and goes on when a post fails', async () => {
    let ended = 0;
    const failing = new ChunkSender({ post: () => Promise.reject(new Error('gone')), onEnd: () => ended++, intervalMs: 0 });
    failing.start(new ByteLog(1), true);
    assert.equal(ended, 1);
    failing.start(logOf('x'), true);
    await until(() => ended === 2);
  });
});
