import type * as vscode from 'vscode';
import type { FromPage, SourcePlace, TimelineFocus, ToPage } from '../shared/pageMessages.ts';
import type { ByteLog } from './byteLog.ts';
import { ChunkSender } from './chunkSender.ts';
import type { Vscode } from './host.ts';
import { makeNonce, pageHtml } from './pageHtml.ts';

/** A trace as a page shows it. */
export interface PageTrace {
  readonly title: string;
  readonly state: 'running' | 'finished';
  readonly log: ByteLog;
  /** Set when the trace cannot be shown: why, for the person. */
  readonly failure?: string;
}

export interface PageHostOptions {
  readonly vscode: Vscode;
  readonly extensionUri: vscode.Uri;
  readonly webview: vscode.Webview;
  readonly title: string;
  /** The trace to show now; undefined where there is none yet. */
  readonly trace: () => PageTrace | undefined;
  readonly reveal: (place: SourcePlace) => void;
  readonly onError: (message: string) => void;
}

/** The editor's end of one timeline page: fills the webview, feeds it the trace whenever it asks, and hears what it says. */
export class PageHost {
  readonly #options: PageHostOptions;
  readonly #sender: ChunkSender;
  readonly #listening: vscode.Disposable;
  #ready = false;
  #shown: ByteLog | undefined;
  #focus: TimelineFocus | undefined;
  #failureTold = false;
  #allSent = false;

  constructor(options: PageHostOptions) {
    this.#options = options;
    this.#sender = new ChunkSender({
      post: (bytes) => this.#post({ type: 'trace', bytes }),
      onEnd: () => this.#ended(),
    });
    const { webview } = options;
    this.#listening = webview.onDidReceiveMessage((message: FromPage) => this.#hear(message));
    const folder = options.vscode.Uri.joinPath(options.extensionUri, 'dist', 'webview');
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    const inPage = (name: string) => webview.asWebviewUri(options.vscode.Uri.joinPath(folder, name)).toString();
    webview.html = pageHtml({
      script: inPage('timeline.js'),
      style: inPage('timeline.css'),
      cspSource: webview.cspSource,
      nonce: makeNonce(),
      title: options.title,
      language: options.vscode.env.language,
    });
  }

  /** Another trace is to be shown. */
  replaced(): void {
    this.#focus = undefined;
    if (!this.#ready) return;
    const trace = this.#options.trace();
    this.#send({ type: 'reset', title: trace?.title ?? this.#options.title });
    this.#feed(trace);
  }

  /** The trace has grown. */
  grown(): void {
    if (!this.#ready) return;
    this.#sender.more();
    this.#tellFailure();
  }

  /** The trace is complete. */
  finished(): void {
    if (this.#ready) this.#sender.end();
  }

  /** Moves the page's view as soon as it can. */
  focus(focus: TimelineFocus): void {
    // While a finished trace is on its way the place may not be there yet: the focus then follows the last byte.
    if (this.#ready && (this.#allSent || this.#options.trace()?.state === 'running')) this.#send({ type: 'focus', focus });
    else this.#focus = focus;
  }

  dispose(): void {
    this.#ready = false;
    this.#sender.stop();
    this.#listening.dispose();
  }

  #hear(message: FromPage): void {
    switch (message.type) {
      case 'ready': {
        // Also after the page was hidden: it was built anew and knows nothing.
        this.#ready = true;
        const trace = this.#options.trace();
        const title = trace?.title ?? this.#options.title;
        this.#send({ type: 'hello', protocol: 1, title, state: trace?.state ?? 'finished', mayReveal: true });
        return this.#feed(trace);
      }
      case 'reveal':
        return this.#options.reveal(message.place);
      case 'error':
        return this.#options.onError(message.message);
      case 'state':
        // The page keeps its state itself, where a reloaded window finds it.
        return;
    }
  }

  #feed(trace: PageTrace | undefined): void {
    this.#failureTold = false;
    this.#allSent = false;
    this.#shown = trace?.log;
    if (!trace) {
      this.#sender.stop();
      return;
    }
    if (!this.#tellFailure()) this.#sender.start(trace.log, trace.state === 'finished');
  }

  #ended(): void {
    this.#allSent = true;
    this.#send({ type: 'finished' });
    if (this.#focus) this.#send({ type: 'focus', focus: this.#focus });
    this.#focus = undefined;
  }

  #tellFailure(): boolean {
    const trace = this.#options.trace();
    if (trace?.failure === undefined || trace.log !== this.#shown || this.#failureTold) return false;
    this.#failureTold = true;
    this.#sender.stop();
    this.#send({ type: 'failed', message: trace.failure });
    return true;
  }

  #send(message: ToPage): void {
    this.#post(message).then(undefined, (error: unknown) => this.#options.onError(String(error)));
  }

  #post(message: ToPage): Thenable<boolean> {
    return this.#options.webview.postMessage(message);
  }
}
