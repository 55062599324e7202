import assert from 'node:assert/strict';
import { buildTrace } from '../support/traceBuilder.ts';
import { demoTrace } from './demoTrace.ts';
import { pageSession } from './pageSession.ts';

describe('timeline page from its first moment to its last', function () {
  const { start, withDemo } = pageSession();

  describe('life of a run', () => {
    it('grows while the program runs and ends with it', async () => {
      const driver = await start();
      await driver.tell({ type: 'hello', protocol: 1, title: 'import.ts', state: 'running', mayReveal: true });
      assert.equal(await driver.text('.il-empty h2'), 'Waiting for the program…');
      const bytes = demoTrace();
      const half = Math.floor(bytes.length * 0.8);
      await driver.tell({ type: 'trace', bytes: bytes.slice(0, half) });
      await driver.settle();
      assert.equal(await driver.text('.il-status'), 'Running');
      assert.equal(await driver.page.isVisible('.il-banner'), false, 'a trace that still grows is not cut off');
      await driver.tell({ type: 'trace', bytes: bytes.slice(half) }, { type: 'finished' });
      await driver.settle();
      assert.equal(await driver.text('.il-status'), 'Exit code 0, 0 µs after launch');
      assert.match(await driver.text('.il-figures'), /^10 tasks · \d+ events · 225 ms traced$/);
      await driver.tell({ type: 'reset', title: 'other.ts' });
      assert.equal(await driver.text('h1'), 'other.ts');
      assert.equal(await driver.text('.il-empty h2'), 'Waiting for the program…');
      await driver.tell({ type: 'trace', bytes }, { type: 'finished' });
      await driver.settle();
      assert.match(await driver.text('.il-figures'), /^10 tasks/);
    });

    it('greets its host first', async () => {
      const driver = await start();
      assert.deepEqual(await driver.sent('ready'), [{ type: 'ready', protocol: 1 }]);
    });

    it('goes where it is told, also before the trace is there', async () => {
      const driver = await start();
      await driver.tell({ type: 'focus', focus: { task: 9, startUs: 116_900, endUs: 167_000 } });
      await driver.show(demoTrace());
      assert.match(await driver.text('.il-details h2'), /Waiting · timer/);
      const { startUs, endUs } = (await driver.keptState()).view!;
      assert.ok(startUs < 116_900 && endUs > 167_000 && endUs - startUs < 110_000);
    });

    it('comes back as it was', async () => {
      const state = {
        hiddenKinds: ['file' as const],
        foldedTasks: [1],
        view: { startUs: 1000, endUs: 100_000, scrollTop: 0 },
        textTwin: true,
      };
      const driver = await withDemo({ state });
      assert.equal(await driver.page.getAttribute('[data-kind=file]', 'aria-pressed'), 'false');
      assert.equal(await driver.page.isVisible('[role=treeitem]'), true);
      assert.ok((await driver.lines()).some((line) => line.includes('9 tasks folded') || line.includes('8 tasks folded')));
      await driver.focusChart();
      await driver.press('ArrowDown', 'f');
      assert.deepEqual((await driver.keptState()).view, state.view);
    });

    it('ignores a kept state it does not understand', async () => {
      const driver = await withDemo({ state: { hiddenKinds: 'all', view: { startUs: 'x' } } as never });
      assert.match(await driver.text('.il-figures'), /^10 tasks/);
    });
  });

  describe('when there is little to show', () => {
    async function emptyText(bytes: Uint8Array): Promise<string> {
      const driver = await start();
      await driver.show(bytes);
      return driver.text('.il-empty');
    }

    it('says so of a program without async code, and of one that cannot be read', async () => {
      const files = (reason: string): string => `run /p/a.js\ntarget v24.0.0\nfile /p/a.js skipped: ${reason}\nexit 0`;
      assert.match(await emptyText(buildTrace(files('no async code'))), /^No async code\s+There is nothing to show/);
      assert.match(
        await emptyText(buildTrace(files("syntax error: line 2: ',' expected."))),
        /^Syntax error[^]*a\.js\s+syntax error: line 2/,
      );
    });

    it('names every file that was not instrumented, and why', async () => {
      const text = await emptyText(
        buildTrace(
          'run /p/a.js\ntarget v24.0.0\nfile /p/a.js skipped: it has a syntax error on line 3\nfile /q/index.js skipped: excluded\nexit 1',
        ),
      );
      assert.match(text, /^Nothing was instrumented[^]*a\.js\s+it has a syntax error on line 3\s+\/q\/index\.js\s+excluded/);
    });

    it('says that no async function ran', async () => {
      const text = await emptyText(buildTrace('run /p/a.js\nfile /p/a.js\nsite 1 function "main" 1:1-3:2\n0 turn main\nexit 0'));
      assert.match(text, /^No async tasks\s+1 file was instrumented, and no async function in it was called/);
    });

    it('says why a file is no trace', async () => {
      assert.match(
        await emptyText(new TextEncoder().encode('this is text')),
        /^The trace cannot be shown\s+This is not an Interleave trace/,
      );
    });

    it('shows what came before the damage', async () => {
      const driver = await start();
      await driver.tell(
        { type: 'hello', protocol: 1, title: 'import.ts', state: 'finished', mayReveal: true },
        { type: 'trace', bytes: demoTrace() },
        { type: 'trace', bytes: new Uint8Array(64).fill(255) },
        { type: 'finished' },
      );
      await driver.settle();
      assert.match(await driver.text('.il-figures'), /^10 tasks/);
      assert.match(await driver.text('.il-banner.il-error'), /damaged/);
    });
  });
});
