import assert from 'node:assert/strict';
import { plainTranslate } from '../../../src/editor/host.ts';
import { RunStore, whyEmpty, type RunEnding, type StoreEvent } from '../../../src/editor/runStore.ts';
import { exitText, statusText } from '../../../src/editor/statusTexts.ts';
import { buildTrace } from '../support/traceBuilder.ts';

const ended: RunEnding = { cause: 'exited', code: 0, signal: null, afterMs: 1020 };
const trace = buildTrace(`
  run /p/a.ts
  file /p/a.ts
  site 1 function "f" 1:1-9:2
  site 2 await "x" 3:3-3:20 owner 1
  0 start 1 site 1
  5 suspend 1 at 2
  900 turn timer
  905 resume 1
  910 settle 1
  exit 0`);

function storeWith(bytes: Uint8Array, ending = ended): RunStore {
  const store = new RunStore();
  store.begin({ path: '/p/a.ts' }, 50);
  store.append(bytes);
  store.finish(ending);
  return store;
}

function status(text: string, ending = ended): string {
  const { run, model } = storeWith(buildTrace(text), ending);
  const shown = statusText(run!, model!, plainTranslate);
  return [shown.text, ...shown.details].join('\n');
}

describe('the last run', () => {
  it('tells its listeners, and its model grows with it', () => {
    const store = new RunStore();
    const events: StoreEvent[] = [];
    const listening = store.onDidChange((event) => events.push(event));
    store.begin({ path: '/p/a.ts', call: { exportName: 'go', args: [] } }, 50);
    assert.equal(store.run?.title, 'a.ts: go(…)');
    store.append(trace.subarray(0, 100));
    store.append(trace.subarray(100));
    store.finish(ended);
    assert.equal(store.model?.tasks.length, 1);
    assert.equal(store.model, store.model, 'one model until it grows');
    listening.dispose();
    store.clear();
    assert.deepEqual(events, ['begun', 'grown', 'grown', 'finished']);
    assert.equal(store.model, undefined);
    assert.equal(store.append(trace), false, 'nothing runs');
  });

  it('is replaced whole by the next', () => {
    const store = storeWith(trace);
    store.begin({ path: '/p/b.ts' }, 50);
    assert.equal(store.model?.tasks.length, 0);
    assert.equal(store.run?.log.length, 0);
  });

  it('keeps bytes that are no trace, and says so', () => {
    const { run } = storeWith(new TextEncoder().encode('this is a shopping list'));
    assert.match(run?.damage ?? '', /not an Interleave trace/);
    assert.equal(run?.log.length, 23);
  });

  it('can be read back', () => {
    const store = new RunStore();
    store.load('a.ts', trace);
    assert.equal(store.run?.state, 'finished');
    assert.equal(store.model?.exit?.code, 0);
  });

  it('says why it is empty', () => {
    const why = (text: string) => whyEmpty(storeWith(buildTrace(text)).model!);
    assert.equal(why('run /p/a.ts\nexit 0'), 'nothing-loaded');
    assert.equal(why('run /p/a.ts\nfile /p/a.ts\nsite 1 function "f" 1:1-2:2\nexit 0'), 'no-tasks');
    assert.deepEqual(why('run /p/a.ts\nfile /p/a.ts skipped: it is not text\nexit 0'), { skipped: 'a.ts: it is not text' });
    assert.equal(whyEmpty(storeWith(trace).model!), undefined);
  });
});

describe('the status bar', () => {
  it('counts tasks and time', () => {
    const store = storeWith(trace);
    assert.equal(statusText(store.run!, store.model!, plainTranslate).text, '$(pulse) 1 task · 910 µs');
    assert.match(
      statusText(store.run!, store.model!, plainTranslate).details.join('\n'),
      /Last run: a\.ts\nExit code 0, 1\.02 s after launch/,
    );
  });

  it('says that nothing was instrumented, and why', () => {
    assert.match(
      status('run /p/a.ts\nfile /p/a.ts skipped: it is excluded\nexit 0'),
      /nothing instrumented[\s\S]*a\.ts: it is excluded/,
    );
    assert.match(status('run /p/a.ts\nfile /p/a.ts\nsite 1 function "f" 1:1-2:2\nexit 0'), /no async function ran/);
  });

  it('says what is known to be left out, from the moment it is known', () => {
    const { run, model } = storeWith(trace);
    const notices = ['a test runner makes its own text'];
    const left = { ...model!, notices, tasks: [], callbacks: [], files: [] };
    assert.ok(statusText({ ...run!, state: 'running' }, left, plainTranslate).details.includes(notices[0]!));
    assert.ok(statusText(run!, left, plainTranslate).details.includes(notices[0]!));
  });

  it('shows losses and virtual time', () => {
    const shown = status('run /p/a.ts virtual\nfile /p/a.ts\nsite 1 function "f" 1:1-2:2\n0 start 1 site 1\n3 dropped 7\nexit 0');
    assert.match(shown, /Virtual time/);
    assert.match(shown, /7 events were lost/);
    assert.match(shown, /1 task never settled/);
  });

  it('says how the program ended', () => {
    const text = (ending: Partial<RunEnding>) => exitText({ ...ended, ...ending }, plainTranslate);
    assert.equal(text({ code: 7 }), 'Exit code 7, 1.02 s after launch');
    assert.equal(text({ code: 13 }), 'Exit code 13, 1.02 s after launch: a top-level await never settled');
    assert.equal(text({ code: null, signal: 'SIGKILL' }), 'Ended by SIGKILL, 1.02 s after launch');
    assert.equal(text({ cause: 'cancelled' }), 'Stopped by you, 1.02 s after launch');
    assert.equal(text({ cause: 'timeout' }), 'Stopped at the time limit, 1.02 s after launch');
    assert.equal(text({ cause: 'spawn-failed', message: 'No such file.' }), 'No such file.');
  });
});
