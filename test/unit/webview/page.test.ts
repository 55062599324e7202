import assert from 'node:assert/strict';
import { htmlReport } from '../../../src/export/htmlReport.ts';
import { rowHeight, rulerHeight } from '../../../src/webview/chartGeometry.ts';
import { wholeView } from '../../../src/webview/timeView.ts';
import { buildTrace } from '../support/traceBuilder.ts';
import { calmTrace, demoTrace } from './demoTrace.ts';
import { pointAt } from './demoPoint.ts';
import { pageSession } from './pageSession.ts';

describe('timeline page', function () {
  const session = pageSession();
  const { start, withDemo } = session;

  it('draws: blocking is red where it blocked', async () => {
    const driver = await withDemo();
    const { x, y } = await pointAt(driver, 3, 90_000);
    const box = (await (await driver.page.$('.il-canvas'))!.boundingBox())!;
    const pixel = await driver.page.$eval(
      '.il-canvas',
      (canvas, at) => Array.from((canvas as HTMLCanvasElement).getContext('2d')!.getImageData(at.x, at.y, 1, 1).data),
      { x: Math.round(x - box.x), y: Math.round(y - box.y - 9) },
    );
    assert.deepEqual(pixel, [0xd1, 0x34, 0x38, 255]);
  });

  describe('silence where nothing is wrong', () => {
    it('draws, counts and finds as blocking only what held somebody up or could have', async () => {
      const driver = await start();
      await driver.show(calmTrace());
      assert.equal(await driver.text('.il-blocks'), '1 blocking stretch, 60.0 ms');
      assert.match(await driver.text('.il-legend'), /blocking\s+busy, nobody held up/);
      const lines = await driver.lines();
      assert.equal(lines[0], 'Event loop. Turns: 2. Longest lag of a timer: 0 µs. Blocking: 1. Busy, nobody held up: 1');
      assert.ok(
        lines.includes(
          "  Busy · 60.0 ms. Call: readFileSync('words'), hash.ts:1. When: 10.00 ms to 70.00 ms. Held up: no task. Why no alarm: the program was starting",
        ),
        lines.join('\n'),
      );
      assert.ok(
        lines.some((line) => /^ {2}Busy · 100 ms\. .*Held up: no task\. Why no alarm: a worker thread may be busy$/.test(line)),
        lines.join('\n'),
      );
      await driver.focusChart();
      for (const key of ['b', 'b', 'Shift+B']) {
        await driver.press(key);
        assert.match(await driver.said(), /^Blocking call · 60\.0 ms\. Call: pbkdf2Sync\(word\)/);
      }
    });

    it('shows no alarm at all where every stretch is harmless', async () => {
      const driver = await start();
      await driver.show(calmTrace({ fault: false }));
      assert.equal(await driver.page.isVisible('.il-blocks'), false);
      assert.deepEqual(
        (await driver.text('.il-legend')).split(/\s*\n\s*/).filter((word) => /block/.test(word)),
        [],
      );
      await driver.focusChart();
      await driver.press('b');
      assert.equal(await driver.text('.il-details h2'), 'Event loop', 'the selection stays');
      const red = await driver.page.$$eval('.il-canvas, .il-minimap', (canvases) =>
        (canvases as HTMLCanvasElement[]).reduce((sum, canvas) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          for (let i = 0; i < data.length; i += 4) if (data[i]! > 180 && data[i + 1]! < 80 && data[i + 2]! < 80) sum++;
          return sum;
        }, 0),
      );
      assert.equal(red, 0, 'nothing is red');
    });

    it('first shows the program, not the wait for it', async () => {
      const driver = await start();
      await driver.show(calmTrace());
      await driver.focusChart();
      await driver.press('+', 'Home');
      const { startUs } = (await driver.keptState()).view!;
      assert.equal(startUs, wholeView(200_000, 10_000).startUs);
      await driver.press('-', '-', '-');
      assert.ok((await driver.keptState()).view!.startUs < 0, 'what lies before can be reached');
      assert.match(await driver.text('.il-figures'), /· 190 ms traced$/);
    });
  });

  it('tells where an error was thrown and who awaited it, and opens those lines', async () => {
    const driver = await withDemo();
    await driver.tell({ type: 'focus', focus: { task: 9 } });
    await driver.settle();
    assert.match(await driver.text('.il-details h2'), /^fetchPage #3/);
    const items = await driver.page.$$eval('.il-details section:has(.il-frame) li', (list) =>
      list.map((item) => [...item.children].map((part) => part.textContent).join(', ')),
    );
    assert.deepEqual(items, [
      'request, node:http:99',
      'fetchPage, network.ts:9',
      'awaited by importOne, import.ts:23',
      'awaited by Promise.all',
      'awaited by importAll, import.ts:12',
    ]);
    await driver.page.click('.il-details >> text=awaited by importOne');
    assert.deepEqual((await driver.sent('reveal')).at(-1)?.place, { path: '/project/src/import.ts', line: 23, column: 1 });
  });

  it('filters by kind through the legend', async () => {
    const driver = await withDemo();
    await driver.page.click('[data-kind=network]');
    await driver.settle();
    assert.equal(await driver.page.getAttribute('[data-kind=network]', 'aria-pressed'), 'false');
    const lines = await driver.lines();
    assert.ok(!lines.some((line) => line.includes('Waiting · network')));
    assert.ok(lines.some((line) => line.includes('Waiting · timer')));
    const { x, y } = await pointAt(driver, 10, 60_000);
    await driver.page.mouse.move(x, y);
    assert.equal(await driver.page.isVisible('.il-tooltip'), false);
    await driver.page.click('[data-kind=timer]', { modifiers: ['Alt'] });
    const state = await driver.keptState();
    assert.ok(
      !state.hiddenKinds.includes('timer') && state.hiddenKinds.includes('network') && state.hiddenKinds.includes('file'),
    );
  });

  it('tells the critical path', async () => {
    const driver = await withDemo();
    await driver.focusChart();
    await driver.press('c');
    assert.equal(await driver.page.getAttribute('button[aria-label^="Mark the critical path"]', 'aria-pressed'), 'true');
    await driver.press('Escape', 'ArrowDown');
    assert.match(await driver.text('.il-details'), /On the critical path: 22\d ms\s+[^]*network [^]*fetchPage #3/);
    await driver.page.click('.il-details li .il-link >> nth=0');
    assert.match(await driver.text('.il-details h2'), /^fetchPage #3/);
  });

  it('says that there is no trace when none comes', async () => {
    const driver = await start();
    await driver.tell({ type: 'hello', protocol: 1, title: 'Timeline', state: 'finished', mayReveal: true });
    await driver.page.waitForSelector('text=No trace yet');
  });

  it('searches by name, unfolding what hides a match', async () => {
    const driver = await withDemo();
    await driver.focusChart();
    await driver.press('Shift+F');
    assert.deepEqual((await driver.keptState()).foldedTasks.length, 5);
    await driver.press('/');
    await driver.page.keyboard.type('fetch');
    assert.equal(await driver.text('.il-found'), '1 of 3');
    assert.match(await driver.said(), /^fetchPage #1/);
    await driver.press('Enter');
    assert.match(await driver.said(), /^fetchPage #2/);
    assert.equal(await driver.text('.il-found'), '2 of 3');
    await driver.page.fill('input[type=search]', 'nothing like it');
    assert.equal(await driver.text('.il-found'), 'none');
  });

  it('labels virtual time wherever it is measured, and wall time beside it', async () => {
    const driver = await start();
    await driver.show(demoTrace({ clock: 'virtual' }));
    assert.equal(await driver.text('.il-status'), 'Exit code 0, 0 µs (wall time) after launch');
    assert.match(await driver.text('.il-figures'), /· 225 ms of virtual time$/);
    assert.equal(await driver.text('.il-blocks'), '1 blocking stretch, 56.4 ms of wall time');
  });

  it('draws few arrows or none, never a curtain of them', async () => {
    const rounds = (count: number): string =>
      Array.from(
        { length: count },
        (_, i) => `${i * 10 + 5} turn timer\n${i * 10 + 6} resume 1\n${i * 10 + 7} suspend 1 at 2`,
      ).join('\n');
    const lightPixels = async (count: number): Promise<number> => {
      const driver = await start();
      const sites =
        'run /p/a.ts\nfile /p/a.ts\nsite 1 function "poll" 1:1-9:2\nsite 2 await "tick()" 3:3-3:15 owner 1 hint timer\n';
      const other = '1 start 2 site 1\n2 start 1 site 1\n3 suspend 1 at 2\n4 settle 2';
      const end = count * 10 + 10;
      await driver.show(
        buildTrace(`${sites}0 turn main\n${other}\n${rounds(count)}\n${end} resume 1\n${end + 1} settle 1\nexit 0`),
      );
      const box = (await (await driver.page.$('.il-canvas'))!.boundingBox())!;
      await driver.page.mouse.move(box.x + 60, box.y + rulerHeight + 2.5 * rowHeight);
      await driver.settle();
      // Arrows from the loop to the second task cross the row of the first, which is empty but for its start.
      return driver.page.$eval(
        '.il-canvas',
        (canvas, at) => {
          const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(at.x, at.y, at.width, 1);
          let light = 0;
          for (let i = 0; i < data.length; i += 4) if (data[i]! > 110) light++;
          return light;
        },
        { x: 300, y: Math.round(rulerHeight + 1.5 * rowHeight), width: Math.round(box.width) - 310 },
      );
    };
    assert.ok((await lightPixels(8)) >= 6, 'few arrows are drawn');
    assert.equal(await lightPixels(200), 0);
  });

  it('warns once of what must be known before any figure is read', async () => {
    const driver = await start();
    await driver.show(demoTrace({ clock: 'virtual', exit: false, extra: '224000 dropped 1234' }));
    const banners = await driver.page.$$eval('.il-banner', (all) => all.map((banner) => banner.textContent));
    assert.equal(banners.length, 3, banners.join('\n'));
    assert.match(banners[0]!, /^Virtual time: not a measure of performance/);
    assert.match(banners[1]!, /^1,234 events dropped/);
    assert.match(banners[2]!, /^The trace ends without the program's exit/);
  });

  it('shows a report under its own content security policy', async () => {
    const page = await session.browser().newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => errors.push(message.text()));
    await page.setContent(
      htmlReport({
        bytes: demoTrace(),
        title: 'import.ts',
        pageScript: session.bundle().script,
        pageStyle: session.bundle().style,
      }),
    );
    await page.waitForSelector('[role=treeitem]', { state: 'attached' });
    assert.match(await page.innerText('.il-figures'), /^10 tasks/);
    await page.focus('.il-scroller');
    for (const key of ['ArrowDown', 'ArrowDown', 'Tab']) await page.keyboard.press(key);
    assert.match(await page.innerText('.il-details'), /Running/);
    assert.equal(await page.isVisible('text=Open line'), false, 'a report has no editor to open a line in');
    assert.deepEqual(errors, []);
    await page.close();
  });
});
