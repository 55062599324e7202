import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import { artifactsFolder } from '../suiteCounts.ts';
import type { InstalledServer } from './install.ts';
import type { CodeServer, PageOptions } from './server.ts';

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Patience with one step of the editor, in milliseconds: a machine with two busy cores is slow. */
const patienceMs = 60_000;

/** Lines of the extension host's console, and its exit code at the end. Only for windows that run tests in the host. */
export interface AutomationListener {
  log(line: string): void;
  exit(code: number): void;
}

/** One window of the editor, driven as a person would: keys, clicks, and what is to be read on it. */
export class EditorPage {
  readonly page: Page;
  readonly #browser: Browser;

  private constructor(page: Page, browser: Browser) {
    this.page = page;
    this.#browser = browser;
  }

  static async open(
    installed: InstalledServer,
    server: CodeServer,
    options: PageOptions,
    listener?: AutomationListener,
  ): Promise<EditorPage> {
    const browser = await chromium.launch({ executablePath: installed.browser, args: browserFlags });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(patienceMs);
    if (listener) {
      await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) =>
        listener.log(args.map(String).join(' ')),
      );
      await page.exposeFunction('codeAutomationExit', (code: number) => listener.exit(code));
    }
    const editor = new EditorPage(page, browser);
    try {
      await page.goto(server.url(options));
      if (!listener) await page.locator('.monaco-workbench .part.statusbar').waitFor();
    } catch (error) {
      await editor.screenshot('window-did-not-open').catch(() => undefined);
      await editor.close();
      throw error;
    }
    return editor;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** Saves what the window shows as `test-artifacts/NAME.png`. */
  async screenshot(name: string): Promise<string> {
    await mkdir(artifactsFolder, { recursive: true });
    const path = join(artifactsFolder, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** Presses a key of the window itself: a webview that has the keyboard would pass it on a little later, or not at all. */
  async #press(key: string): Promise<void> {
    await this.page.evaluate(() => {
      if (document.activeElement instanceof HTMLIFrameElement) document.activeElement.blur();
    });
    await this.page.keyboard.press(key);
  }

  /** Opens the quick input with `key`, types `text`, waits for a row that has `row` in it, clicks it. */
  async #pick(key: string, text: string, row: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    // A window that is still starting swallows keys and does not yet list what extensions bring: again from the start.
    await eventually(`${row} after ${key}`, async () => {
      await this.#press('Escape');
      await this.#press(key);
      await input.waitFor({ timeout: 3000 });
      await input.fill(text, { timeout: 3000 });
      await this.page.locator('.quick-input-list .monaco-list-row', { hasText: row }).first().click({ timeout: 3000 });
      return true;
    });
  }

  /** Runs a command from the palette by its title. */
  async runCommand(title: string): Promise<void> {
    await this.#pick('F1', `>${title}`, title);
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.#pick('Control+p', name, name);
    await this.page.locator('.tabs-container .tab.active', { hasText: name }).first().waitFor();
  }

  /** Puts the cursor there, in the first editor group; both count from 1. */
  async goTo(line: number, column: number): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    await eventually(`the cursor at ${line}:${column}`, async () => {
      // The keyboard may be elsewhere, for example in the terminal.
      await this.#press('Escape');
      await this.#press('Control+1');
      await this.#press('Control+g');
      await input.fill(`:${line}:${column}`, { timeout: 3000 });
      await this.page.keyboard.press('Enter');
      await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden', timeout: 3000 });
      const cursor = await this.cursor();
      return cursor?.line === line && cursor.column === column;
    });
  }

  /** Clicks the row of an open quick pick that has the text. */
  async choose(text: string): Promise<void> {
    await this.page.locator('.quick-input-widget input.input').fill(text);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
  }

  /** Text of the hover at a place of the active editor, once it has `text` in it; line and column count from 1. */
  async hover(line: number, column: number, text: RegExp): Promise<string> {
    return eventually(`a hover with ${text}`, async () => {
      // Providers that are still starting give nothing: ask anew.
      await this.page.keyboard.press('Escape');
      await this.goTo(line, column);
      await this.page.keyboard.press('Control+k');
      await this.page.keyboard.press('Control+i');
      const hover = this.page.locator('.monaco-hover:not(.hidden) .hover-contents');
      await hover.first().waitFor({ timeout: 5000 });
      const shown = (await hover.allInnerTexts()).join('\n');
      return text.test(shown) ? shown : undefined;
    });
  }

  /** Waits until the window, outside webviews, shows the text. */
  async waitForText(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Line and column of the cursor, from the status bar; undefined while no text editor is active. */
  async cursor(): Promise<{ readonly line: number; readonly column: number } | undefined> {
    const [text] = await this.page.locator('#status\\.editor\\.selection').allInnerTexts();
    const numbers = /(\d+)\D+(\d+)/.exec(text ?? '');
    return numbers ? { line: Number(numbers[1]), column: Number(numbers[2]) } : undefined;
  }

  /** Name of the file in the active editor of the focused group. */
  async activeFile(): Promise<string> {
    const tab = this.page.locator('.editor-group-container.active .tab.active').first();
    return (await tab.getAttribute('data-resource-name')) ?? '';
  }

  /** Texts that decorations add after lines of the visible editors. */
  async decorationTexts(): Promise<readonly string[]> {
    return this.page.locator('.view-lines .view-line span').evaluateAll((spans) =>
      spans
        .flatMap((span) => ['::before', '::after'].map((part) => getComputedStyle(span, part).content))
        .filter((content) => content.startsWith('"') && content.length > 2)
        .map((content) => content.slice(1, -1)),
    );
  }

  /** The frame of a webview whose text matches: webviews are two frames deep and carry no name. */
  async webview(text: string | RegExp): Promise<Frame> {
    return eventually(`a webview with ${String(text)}`, async () => {
      for (const frame of this.page.frames()) {
        if (frame === this.page.mainFrame()) continue;
        const content = await frame.evaluate(() => document.body.textContent).catch(() => '');
        if (typeof text === 'string' ? content.includes(text) : text.test(content)) return frame;
      }
      return undefined;
    });
  }

  /** Texts of all notifications, buttons included. The test driver keeps VS Code from popping them up: their centre is opened. */
  async notifications(): Promise<readonly string[]> {
    const list = this.page.locator('.notifications-center');
    if (!(await list.isVisible())) await this.runCommand('Notifications: Show Notifications');
    return list.locator('.notification-list-item').allInnerTexts();
  }
}

/** Asks until the answer is neither false, nor undefined, nor an error; throws with the last error after a minute. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const until = performance.now() + patienceMs;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await sleep(100);
  } while (performance.now() < until);
  throw new Error(`Waited ${patienceMs / 1000} s in vain for ${what}`, { cause });
}
