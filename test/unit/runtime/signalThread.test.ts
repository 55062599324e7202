import assert from 'node:assert/strict';
import { watchRests, type ThreadLook } from '../../../src/runtime/hangs/signalThread.ts';

/** `S futex 3`: asleep at `futex`, for the third time. The last one stays. */
function looks(...texts: string[]): () => ThreadLook {
  return () => {
    const [state = '', place = '', times = ''] = ((texts.length > 1 ? texts.shift() : texts[0]) ?? '').split(' ');
    return { sleeps: state === 'S', place, sleptTimes: Number(times) };
  };
}

function patience(rounds: number): () => boolean {
  let left = rounds;
  return () => left-- > 0;
}

describe('the rest of the thread that signals come by', () => {
  it('is where it sleeps when it is first seen asleep, also where it was still about to begin', () => {
    const thread = watchRests(looks('R running 0', 'R running 0', 'S futex 1', 'R running 1', 'S lock 2', 'S futex 3'));
    assert.equal(thread.rests(patience(100)), 1);
    assert.equal(thread.rests(patience(100)), 3);
  });

  it('is waited for no longer than anybody wants to, and learned anew then', () => {
    const thread = watchRests(looks('S early 1', 'S futex 2'));
    assert.equal(thread.rests(patience(100)), 1);
    let asked = 0;
    const counted = (mayWait: () => boolean) => (): boolean => (asked++, mayWait());
    assert.equal(thread.rests(counted(patience(10))), 2);
    assert.equal(asked, 11);
    asked = 0;
    assert.equal(thread.rests(counted(patience(10))), 2);
    assert.equal(asked, 1);
  });

  it('is not learned from a thread that runs', () => {
    const thread = watchRests(looks('R running 4', 'R running 4', 'R running 4', 'S futex 5'));
    assert.equal(thread.rests(patience(1)), 4);
    assert.equal(thread.rests(patience(100)), 5);
  });
});
