import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { FromPage, PageState, ToPage } from '../../../src/shared/pageMessages.ts';

const root = resolve(import.meta.dirname, '../../..');
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findOnPath(['chromium', 'chromium-browser', 'google-chrome', 'chrome']),
    args: flags,
  });
}

function findOnPath(names: readonly string[]): string {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        continue;
      }
    }
  }
  throw new Error(`The tests of the page need a Chromium on the PATH (looked for ${names.join(', ')}).`);
}

export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

/** The page as it is in the working tree now. */
export async function bundlePage(): Promise<PageBundle> {
  const result = await esbuild.build({
    entryPoints: [join(root, 'src/webview/timeline.ts')],
    outfile: join(root, 'dist/webview/timeline.js'),
    bundle: true,
    write: false,
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
    charset: 'utf8',
  });
  const text = (end: string): string => result.outputFiles.find((file) => file.path.endsWith(end))!.text;
  return { script: text('.js'), style: text('.css') };
}

/** A page that lives in an editor: what it posts is kept, what it is told comes from the test. */
export class EditorPage {
  readonly page: Page;
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  static async open(
    browser: Browser,
    bundle: PageBundle,
    options: { readonly state?: PageState; readonly width?: number } = {},
  ): Promise<EditorPage> {
    const page = await browser.newPage({ viewport: { width: options.width ?? 1000, height: 640 } });
    const driver = new EditorPage(page);
    await page.setContent(
      `<!DOCTYPE html><html lang="en"><head><style>${bundle.style}</style></head><body class="vscode-dark"><div id="app"></div></body></html>`,
    );
    await page.evaluate((state) => {
      const sent: unknown[] = [];
      let kept: unknown = state;
      Object.assign(globalThis, {
        sent,
        acquireVsCodeApi: () => ({
          postMessage: (message: unknown) => sent.push(structuredClone(message)),
          getState: () => kept,
          setState: (next: unknown) => (kept = next),
        }),
      });
    }, options.state);
    await page.addScriptTag({ content: bundle.script });
    return driver;
  }

  async tell(...messages: readonly ToPage[]): Promise<void> {
    for (const message of messages) {
      const plain = message.type === 'trace' ? { ...message, bytes: Array.from(message.bytes) } : message;
      await this.page.evaluate((told) => {
        const data = told.type === 'trace' ? { ...told, bytes: new Uint8Array(told.bytes) } : told;
        dispatchEvent(new MessageEvent('message', { data }));
      }, plain);
    }
  }

  /** A finished trace, shown. */
  async show(bytes: Uint8Array): Promise<void> {
    await this.tell(
      { type: 'hello', protocol: 1, title: 'import.ts', state: 'finished', mayReveal: true },
      { type: 'trace', bytes },
      { type: 'finished' },
    );
    await this.settle();
  }

  /** Until everything asked for is drawn and said, also what waits for the hand to rest. */
  async settle(): Promise<void> {
    await this.page.waitForTimeout(350);
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  async sent<T extends FromPage['type']>(type: T): Promise<Extract<FromPage, { type: T }>[]> {
    const all = await this.page.evaluate(() => (globalThis as unknown as { sent: FromPage[] }).sent);
    return all.filter((message): message is Extract<FromPage, { type: T }> => message.type === type);
  }

  /** The state kept last, once the page has got round to it. */
  async keptState(): Promise<PageState> {
    await this.page.waitForTimeout(500);
    return (await this.sent('state')).at(-1)!.state;
  }

  /** Every item of the text, indented by level. */
  lines(): Promise<string[]> {
    return this.page.$$eval('[role=treeitem]', (items) =>
      items.map((item) => '  '.repeat(Number(item.getAttribute('aria-level')) - 1) + item.textContent),
    );
  }

  said(): Promise<string> {
    return this.page.$eval('[role=status][aria-live]', (live) => live.textContent);
  }

  async focusChart(): Promise<void> {
    await this.page.focus('.il-scroller');
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (found) => (found as HTMLElement).innerText);
  }
}
