import assert from 'node:assert/strict';
import { syntheticTrace } from '../support/syntheticTrace.ts';
import { pageSession } from './pageSession.ts';

describe('timeline page: text', function () {
  const session = pageSession();
  const { start, withDemo } = session;

  describe('as text', () => {
    it('says every lane and stretch in words, also while it is not seen', async () => {
      const driver = await withDemo();
      assert.equal(await driver.page.isVisible('.il-twin .il-pager'), false);
      const lines = await driver.lines();
      assert.equal(lines[0], 'Event loop. Turns: 12. Longest lag of a timer: 2.50 ms. Blocking: 1');
      assert.ok(
        lines.some((line) =>
          line.startsWith(
            '  Task importAll · 223 ms. Started: 0.90 ms. Ended: 223.50 ms, threw TypeError: fetch failed. Running: ',
          ),
        ),
        lines.filter((line) => line.includes('Task importAll')).join(),
      );
      assert.ok(
        lines.includes(
          "      Blocking call · 56.4 ms. Call: JSON.parse(readFileSync(schemaPath, 'utf8')), import.ts:39. Given: schema.json, 48 MB. When: 56.40 ms to 112.80 ms. In task: worker #1. Held up: fetchPage #2",
        ),
        lines.filter((line) => line.includes('Blocking')).join('\n'),
      );
      assert.ok(
        lines.some((line) =>
          line.startsWith(
            '        Waiting · timer · 50.1 ms. When: 116.90 ms to 167.00 ms. At: await setTimeout(backOff), network.ts:11. Woken by: a timer',
          ),
        ),
      );
      assert.ok(
        lines.some((line) =>
          line.startsWith(
            '      Waiting · queue · 52.9 ms. When: 1.40 ms to 54.30 ms. At: await queue.take(), import.ts:37. Woken by: importOne #1, at import.ts:52',
          ),
        ),
      );
      assert.ok(
        lines.some((line) =>
          /Task worker #2 .* Outcome: has not settled.*Stands at: await queue\.take\(\), import\.ts:37\. Waits for: queue/.test(
            line,
          ),
        ),
      );
    });

    it('is toggled, walked with the keyboard, and shares the selection', async () => {
      const driver = await withDemo();
      await driver.page.click('button[aria-label^="Show the trace as text"]');
      assert.equal(await driver.page.isVisible('[role=treeitem]'), true);
      await driver.page.focus('[role=treeitem][tabindex="0"]');
      await driver.press('ArrowDown');
      const focused = (): Promise<string> =>
        driver.page.evaluate(() => `${document.activeElement!.getAttribute('role')}: ${document.activeElement!.textContent}`);
      assert.match(await focused(), /^treeitem: Blocking call/);
      assert.match(await driver.text('.il-details h2'), /Blocking call · 56\.4 ms/);
      await driver.press('ArrowLeft');
      assert.match(await focused(), /^treeitem: Event loop/);
      await driver.press('End', 'ArrowLeft', 'Enter');
      assert.match(await focused(), /^treeitem: Task fetchPage #3/);
      assert.deepEqual((await driver.sent('reveal')).at(-1)?.place, { path: '/project/src/network.ts', line: 5, column: 1 });
      await driver.press('ArrowLeft');
      assert.match(await focused(), /^treeitem: Task importOne #3/);
      await driver.press('ArrowLeft');
      assert.ok((await driver.lines()).length > 0);
      await driver.settle();
      assert.match(
        (await driver.lines()).find((line) => line.includes('Task importOne #3'))!,
        /1 task folded$/,
      );
    });

    it('stays bounded for a large trace, and says so', async () => {
      const driver = await start();
      await driver.show(syntheticTrace(100_000));
      const lines = await driver.lines();
      assert.ok(lines.length < 1500, `${lines.length} items`);
      assert.match(
        await driver.page.$eval('.il-twin-note', (note) => note.textContent),
        /^Lanes 1 to 200 of 16,\d\d\d\. 16,\d\d\d tasks/,
      );
      await driver.press('t');
      await driver.page.click('text=Further lanes');
      await driver.settle();
      assert.match(await driver.text('.il-twin-note'), /^Lanes 201 to 400/);
    });
  });
});
