import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { projectRoot, runToEnd } from '../install.ts';
import { eventually } from '../page.ts';
import { pictureOfFailure, startSession, type Session } from './session.ts';

/** Line of `await sleep(1000)` in sleep-together.ts. */
const sleepLine = 6;

describe('the timeline, as a person meets it', () => {
  let session: Session;
  const timeline = (): Promise<Frame> => session.editor.webview(/count #3/);
  const textOf = (frame: Frame, selector: string): Promise<string> => frame.locator(selector).first().innerText();

  before(async () => {
    session = await startSession({ trusted: true, fromSource: true });
  });
  afterEach(function () {
    return pictureOfFailure(session, this.currentTest);
  });
  after(() => session.end());

  it('opens beside the code when the command is typed', async () => {
    const { editor } = session;
    await editor.openFile('sleep-together.ts');
    await editor.runCommand('Interleave: Trace async run');
    const frame = await timeline();
    await eventually('the end of the run', async () => /exit(ed with)? (code )?0/i.test(await textOf(frame, '.il-about')));
    assert.match(await textOf(frame, '.il-figures'), /^5 tasks · [\d,]+ events · [\d.]+ s traced$/);
    assert.equal(await editor.activeFile(), 'sleep-together.ts');
  });

  it('tells as text what it draws', async () => {
    const tree = (await (await timeline()).locator('.il-tree').textContent()) ?? '';
    for (const name of ['main', 'count #1', 'count #2', 'count #3']) assert.ok(tree.includes(name), `${name} is not in: ${tree}`);
    assert.match(tree, /timer/);
  });

  it('says what lies under the pointer, and leads to its line', async () => {
    const { editor } = session;
    await editor.goTo(1, 1);
    const frame = await timeline();
    const place = await spotWith(frame, /timer[\s\S]*count #2/);
    await editor.screenshot('timeline-tooltip');
    await editor.page.mouse.click(place.x, place.y);
    await eventually('the line in the editor', async () => (await editor.cursor())?.line === sleepLine);
    assert.equal(await editor.activeFile(), 'sleep-together.ts');
  });

  it('can be walked by keyboard', async () => {
    const { editor } = session;
    await editor.goTo(1, 1);
    const frame = await timeline();
    await frame.locator('.il-scroller').focus();
    await editor.page.keyboard.press('Home');
    await eventually('the line in the editor', async () => {
      // To the next lane, to its first wait, to the line.
      await frame.locator('.il-scroller').focus();
      for (const key of ['ArrowDown', 'Tab', 'Tab', 'Enter']) await editor.page.keyboard.press(key);
      await editor.page.waitForTimeout(300);
      return (await editor.cursor())?.line === sleepLine;
    });
  });

  it('finds tasks by name', async () => {
    const frame = await timeline();
    await frame.locator('input[type=search]').fill('count');
    await eventually('the matches', async () => /of 3$/.test(await textOf(frame, '.il-found')));
    await frame.locator('input[type=search]').fill('');
  });

  it('leaves its figures at the lines', async () => {
    const { editor } = session;
    const texts = await eventually('a figure after the await', async () => {
      const found = await editor.decorationTexts();
      return found.some((text) => /1\.0\d/.test(text)) ? found : undefined;
    });
    const atSleep = texts.find((text) => /1\.0\d/.test(text));
    assert.match(atSleep ?? '', /3/);
    assert.match(atSleep ?? '', /timer/);
  });

  it('explains an await with both halves', async () => {
    const text = await session.editor.hover(sleepLine, 5, /timer/);
    assert.match(text, /suspend/i);
    await session.editor.screenshot('hover');
    await session.editor.page.keyboard.press('Escape');
  });

  it('shows what the program printed', async () => {
    const { editor } = session;
    await eventually('the output', async () =>
      /One[\s\S]*Two/.test((await editor.page.locator('.xterm-rows').allInnerTexts()).join('\n')),
    );
  });

  for (const [name, media, kind] of [
    ['light', { colorScheme: 'light', forcedColors: 'none' }, 'vscode-light'],
    ['high-contrast', { colorScheme: 'dark', forcedColors: 'active' }, 'vscode-high-contrast'],
    ['high-contrast-light', { colorScheme: 'light', forcedColors: 'active' }, 'vscode-high-contrast-light'],
    ['dark', { colorScheme: 'dark', forcedColors: 'none' }, 'vscode-dark'],
  ] as const) {
    it(`follows the theme: ${name}`, async () => {
      const { editor } = session;
      await editor.page.emulateMedia(media);
      await editor.page.mouse.move(1000, 800);
      const frame = await timeline();
      await eventually('the theme in the page', () => frame.evaluate((wanted) => document.body.classList.contains(wanted), kind));
      // Fonts and colours arrive in steps.
      await editor.page.waitForTimeout(500);
      await editor.screenshot(`timeline-${name}`);
      const colours = await canvasColours(frame);
      assert.ok(colours >= 4, `only ${colours} colours are drawn`);
    });
  }

  it('keeps what it showed while it was hidden', async () => {
    const { editor } = session;
    const tab = editor.page.locator('.tab', { hasText: 'Timeline' });
    await tab.click();
    await editor.runCommand('File: New Untitled Text File');
    await tab.click();
    assert.match(await textOf(await timeline(), '.il-figures'), /^5 tasks/);
  });
});

describe('a trace file', () => {
  let session: Session;

  before(async () => {
    session = await startSession({ trusted: true, fromSource: true });
    const { folder } = session;
    const cli = join(projectRoot, 'dist/cli.cjs');
    await runToEnd(process.execPath, [cli, 'run', '--output', 'run.interleave', 'sleep-together.ts'], folder, process.env);
    await writeFile(join(folder, 'foreign.interleave'), 'this is a shopping list');
    await writeFile(join(folder, 'hollow.interleave'), '');
  });
  afterEach(function () {
    return pictureOfFailure(session, this.currentTest);
  });
  after(() => session.end());

  it('opens as a timeline', async () => {
    await session.editor.openFile('run.interleave');
    const frame = await session.editor.webview(/count #3/);
    assert.match(await frame.locator('.il-figures').innerText(), /^5 tasks/);
    await session.editor.screenshot('trace-file');
  });

  it('of something else is refused with the reason', async () => {
    await session.editor.openFile('foreign.interleave');
    const frame = await session.editor.webview(/not (an? )?(Interleave )?trace/i);
    await session.editor.screenshot('trace-file-foreign');
    assert.doesNotMatch(await frame.locator('body').innerText(), /undefined|\[object/);
  });

  it('without content is refused with the reason', async () => {
    await session.editor.openFile('hollow.interleave');
    await session.editor.webview(/empty/i);
  });
});

/** Moves the pointer over the canvas until the tooltip says it; the place, in the window's coordinates. */
async function spotWith(frame: Frame, text: RegExp): Promise<{ readonly x: number; readonly y: number }> {
  const box = await frame.locator('.il-canvas').boundingBox();
  if (!box) throw new Error('There is no canvas');
  const seen = new Set<string>();
  for (let y = box.y + 4; y < box.y + box.height; y += 8) {
    for (let x = box.x + box.width - 10; x > box.x + 4; x -= 25) {
      await frame.page().mouse.move(x, y);
      const tooltip = await frame.locator('.il-tooltip').innerText();
      seen.add(tooltip);
      if (text.test(tooltip)) return { x, y };
    }
  }
  throw new Error(`Nowhere on the canvas is ${text}; it says:\n${[...seen].join('\n---\n')}`);
}

/** How many different colours cover at least a thousandth of the canvas. */
async function canvasColours(frame: Frame): Promise<number> {
  return frame.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.il-canvas');
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    const counts = new Map<number, number>();
    for (let at = 0; at < pixels.length; at += 4) {
      const colour = (pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return [...counts.values()].filter((count) => count > pixels.length / 4000).length;
  });
}
