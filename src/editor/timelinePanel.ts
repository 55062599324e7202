import type * as vscode from 'vscode';
import type { SourcePlace, TimelineFocus } from '../shared/pageMessages.ts';
import type { Vscode } from './host.ts';
import { PageHost, type PageTrace } from './pageHost.ts';
import type { RunStore } from './runStore.ts';

export const timelineViewType = 'interleave.timeline';

export interface TimelinePanelOptions {
  readonly vscode: Vscode;
  readonly extensionUri: vscode.Uri;
  readonly store: RunStore;
  readonly reveal: (place: SourcePlace) => void;
  readonly log: vscode.LogOutputChannel;
}

/** The one timeline of the window: made when first wanted, reused by every run, brought back after a reload. */
export class TimelinePanel {
  readonly #options: TimelinePanelOptions;
  readonly #listening: { dispose(): void };
  #panel: vscode.WebviewPanel | undefined;
  #page: PageHost | undefined;

  constructor(options: TimelinePanelOptions) {
    this.#options = options;
    this.#listening = options.store.onDidChange((event) => {
      switch (event) {
        case 'begun':
        case 'cleared':
          if (this.#panel) this.#panel.title = this.#title();
          return this.#page?.replaced();
        case 'grown':
          return this.#page?.grown();
        case 'finished':
          return this.#page?.finished();
      }
    });
  }

  /** Shows the panel beside the code without taking the keyboard, unless `takeFocus`. */
  show(how: { readonly takeFocus: boolean; readonly focus?: TimelineFocus }): void {
    const { vscode } = this.#options;
    if (this.#panel) {
      // An explicit column would move the panel; undefined leaves it where the person put it.
      if (how.takeFocus || !this.#panel.visible) this.#panel.reveal(undefined, !how.takeFocus);
    } else {
      const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: !how.takeFocus };
      this.adopt(vscode.window.createWebviewPanel(timelineViewType, this.#title(), column, { enableScripts: true }));
    }
    if (how.focus) this.#page?.focus(how.focus);
  }

  /** Takes over a panel: a new one, or one that a reloaded window still has. */
  adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    const { vscode, extensionUri, store, log } = this.#options;
    this.#panel = panel;
    panel.title = this.#title();
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'trace-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'trace-dark.svg'),
    };
    const page = new PageHost({
      vscode,
      extensionUri,
      webview: panel.webview,
      title: this.#title(),
      trace: () => currentTrace(store),
      reveal: this.#options.reveal,
      onError: (message) => log.error('timeline:', message),
    });
    this.#page = page;
    panel.onDidDispose(() => {
      page.dispose();
      if (this.#panel === panel) this.#panel = this.#page = undefined;
    });
  }

  dispose(): void {
    this.#listening.dispose();
    this.#panel?.dispose();
  }

  #title(): string {
    const run = this.#options.store.run;
    return run ? this.#options.vscode.l10n.t('Timeline: {0}', run.title) : this.#options.vscode.l10n.t('Interleave timeline');
  }
}

function currentTrace(store: RunStore): PageTrace | undefined {
  const { run } = store;
  if (!run) return undefined;
  return { title: run.title, state: run.state, log: run.log, ...(run.damage === undefined ? {} : { failure: run.damage }) };
}
