import assert from 'node:assert/strict';
import { gutterWidth, rowHeight, rulerHeight } from '../../../src/webview/chartGeometry.ts';
import { wholeView } from '../../../src/webview/timeView.ts';
import { demoEndUs, demoStartUs, pointAt } from './demoPoint.ts';
import { pageSession } from './pageSession.ts';

describe('timeline page: input', function () {
  const session = pageSession();
  const { withDemo } = session;

  describe('keyboard', () => {
    it('steps through lanes and stretches, tells them, and opens their lines', async () => {
      const driver = await withDemo();
      await driver.focusChart();
      await driver.press('ArrowDown', 'ArrowDown', 'ArrowDown');
      assert.match(await driver.said(), /^worker #1/);
      await driver.press('Tab', 'Tab');
      assert.match(await driver.said(), /^Waiting · queue · 52\.9 ms/);
      await driver.press('Enter');
      assert.deepEqual((await driver.sent('reveal')).at(-1)?.place, { path: '/project/src/import.ts', line: 37, column: 18 });
      await driver.press('Shift+Tab', 'Shift+Tab');
      assert.match(await driver.said(), /^worker #1/);
      await driver.press('b');
      assert.match(await driver.said(), /^Blocking call · 56\.4 ms/);
    });

    it('is never caught: Escape, then Tab leaves', async () => {
      const driver = await withDemo();
      await driver.focusChart();
      await driver.press('ArrowDown', 'Tab', 'Escape', 'Tab');
      assert.equal(await driver.page.evaluate(() => document.activeElement!.classList.contains('il-scroller')), false);
    });

    it('zooms, moves and measures', async () => {
      const driver = await withDemo();
      await driver.focusChart();
      await driver.press('+', '+');
      const zoomed = (await driver.keptState()).view!;
      const whole = wholeView(demoEndUs, demoStartUs);
      assert.ok(Math.abs((zoomed.endUs - zoomed.startUs) * 2.25 - (whole.endUs - whole.startUs)) < 1);
      await driver.press('Home');
      assert.equal((await driver.keptState()).view!.startUs, whole.startUs);
      await driver.press('ArrowRight');
      const moved = (await driver.keptState()).view!;
      assert.ok(Math.abs(moved.startUs - whole.startUs - (moved.endUs - moved.startUs) * 0.1) < 1);
      await driver.press('Shift+ArrowRight', 'Shift+ArrowRight');
      assert.match(await driver.said(), /^Range of \d/);
      await driver.press('0');
      assert.equal((await driver.keptState()).view, undefined);
    });

    it('lists its keys', async () => {
      const driver = await withDemo();
      await driver.focusChart();
      await driver.press('?');
      assert.match(await driver.text('dialog'), /Tab, Shift\+Tab\s+Next, previous stretch/);
      await driver.press('Escape');
      assert.equal(await driver.page.isVisible('dialog'), false);
    });
  });

  describe('pointer', () => {
    it('shows what is under it and opens its line', async () => {
      const driver = await withDemo();
      const { x, y } = await pointAt(driver, 10, 140_000);
      await driver.page.mouse.move(x, y);
      assert.match(await driver.text('.il-tooltip'), /Waiting · timer · 50\.1 ms\s+Task\s+fetchPage #3[^]*Woken by\s+a timer/);
      // As long as a hand takes for it: meanwhile the page draws.
      await driver.page.mouse.click(x, y, { delay: 100 });
      assert.deepEqual(
        (await driver.sent('reveal')).map(({ place }) => place),
        [{ path: '/project/src/network.ts', line: 11, column: 5 }],
      );
      assert.match(await driver.text('.il-details'), /Where its time went[^]*Parent\s+importOne #3/);
    });

    it('zooms to what is clicked twice, though the first click makes room for details', async () => {
      const driver = await withDemo();
      const { x, y } = await pointAt(driver, 10, 140_000);
      await driver.page.mouse.click(x, y, { clickCount: 2, delay: 50 });
      const { startUs, endUs } = (await driver.keptState()).view!;
      assert.ok(startUs > 110_000 && startUs < 140_000 && endUs > 140_000 && endUs < 180_000, `${startUs} to ${endUs}`);
      assert.equal((await driver.sent('reveal')).length, 1);
    });

    it('zooms at the pointer', async () => {
      const driver = await withDemo();
      const { x, y } = await pointAt(driver, 4, 60_000);
      await driver.page.mouse.move(x, y);
      await driver.page.mouse.wheel(0, -300);
      const { startUs, endUs } = (await driver.keptState()).view!;
      const box = (await (await driver.page.$('.il-canvas'))!.boundingBox())!;
      const gutter = gutterWidth(box.width);
      const under = startUs + ((x - box.x - gutter) / (box.width - gutter)) * (endUs - startUs);
      assert.ok(Math.abs(under - 60_000) < (endUs - startUs) / 200, `${under}`);
      assert.ok(endUs - startUs < demoEndUs / 2);
    });

    it('drags the view, and measures a range with shift', async () => {
      const driver = await withDemo();
      await driver.focusChart();
      await driver.press('+');
      const from = await pointAt(driver, 5, 100_000);
      const before = (await driver.keptState()).view!;
      await driver.page.mouse.move(from.x, from.y);
      await driver.page.mouse.down();
      await driver.page.mouse.move(from.x - 50, from.y, { steps: 5 });
      await driver.page.mouse.up();
      const after = (await driver.keptState()).view!;
      assert.ok(after.startUs > before.startUs);
      assert.ok(Math.abs(after.endUs - after.startUs - (before.endUs - before.startUs)) < 0.01);
      assert.deepEqual(await driver.sent('reveal'), [], 'a drag is no click');
      await driver.press('0');
      await driver.page.keyboard.down('Shift');
      await driver.page.mouse.move(from.x, from.y);
      await driver.page.mouse.down();
      await driver.page.mouse.move((await pointAt(driver, 5, 150_000)).x, from.y, { steps: 5 });
      await driver.page.mouse.up();
      await driver.page.keyboard.up('Shift');
      assert.match(await driver.said(), /^Range of (49|50)\.\d ms$/);
    });

    it('folds by the mark beside the name', async () => {
      const driver = await withDemo();
      const box = (await (await driver.page.$('.il-canvas'))!.boundingBox())!;
      await driver.page.mouse.click(box.x + 10, box.y + rulerHeight + 1.5 * rowHeight);
      assert.deepEqual((await driver.keptState()).foldedTasks, [0]);
      await driver.settle();
      assert.equal((await driver.lines()).filter((line) => line.includes('Task ')).length, 1);
    });
  });
});
