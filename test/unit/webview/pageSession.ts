import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { demoTrace } from './demoTrace.ts';
import { bundlePage, EditorPage, launchBrowser, type PageBundle } from './pageDriver.ts';

type PageOptions = Parameters<typeof EditorPage.open>[2];

/** One browser for the tests of a suite, and a page of its own for each, which must not have failed in silence. */
export interface PageSession {
  readonly browser: () => Browser;
  readonly bundle: () => PageBundle;
  readonly start: (options?: PageOptions) => Promise<EditorPage>;
  /** Shows {@link demoTrace}. */
  readonly withDemo: (options?: PageOptions) => Promise<EditorPage>;
}

/** Registers what opens and closes the browser with the suite that is being described. */
export function pageSession(): PageSession {
  let browser: Browser;
  let bundle: PageBundle;
  const open: EditorPage[] = [];

  before(async () => {
    [browser, bundle] = await Promise.all([launchBrowser(), bundlePage()]);
  });
  after(() => browser.close());
  afterEach(async () => {
    for (const driver of open.splice(0)) {
      const told = (await driver.sent('error')).filter(({ message }) => !/not an Interleave trace|damaged/.test(message));
      await driver.page.close();
      assert.deepEqual([...driver.errors, ...told], []);
    }
  });

  async function start(options: PageOptions = {}): Promise<EditorPage> {
    const driver = await EditorPage.open(browser, bundle, options);
    open.push(driver);
    return driver;
  }
  return {
    browser: () => browser,
    bundle: () => bundle,
    start,
    async withDemo(options = {}) {
      const driver = await start(options);
      await driver.show(demoTrace());
      return driver;
    },
  };
}
