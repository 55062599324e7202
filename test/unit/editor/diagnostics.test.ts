import assert from 'node:assert/strict';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { Diagnostics } from '../../../src/editor/diagnostics.ts';
import type { Vscode } from '../../../src/editor/host.ts';
import type { TracedDocuments } from '../../../src/editor/tracedDocuments.ts';
import type { LintClient } from '../../../src/run/lintClient.ts';
import type { Finding, LintOptions } from '../../../src/shared/lintMessages.ts';

type Listener = (event: unknown) => void;
interface FakeDocument {
  readonly uri: { scheme: string; fsPath: string; path: string };
  readonly languageId: string;
  version: number;
  isClosed: boolean;
  getText(): string;
}

function documentOf(path: string, scheme = 'file', languageId = 'typescript'): FakeDocument {
  const uri = { scheme, fsPath: path, path, toString: () => `${scheme}:${path}` };
  return { uri, languageId, version: 1, isClosed: false, getText: () => `text of ${path}` };
}

/** The editor with some open documents, and a lint that reports one finding at each check. */
function setUp(documents: FakeDocument[], settings: Record<string, unknown> = {}) {
  const listeners = new Map<string, Listener>();
  const on = (name: string) => (listener: Listener) => {
    listeners.set(name, listener);
    return { dispose: () => listeners.delete(name) };
  };
  const shown = new Map<
    string,
    readonly { relatedInformation: unknown[]; severity: number; code: { value: string; target: string } }[]
  >();
  const checks: { readonly path: string; readonly text: string; readonly options: LintOptions }[] = [];
  const closed: string[] = [];
  const loads: number[] = [];
  const project = Array.from({ length: 24 }, (_, index) => `/project/part${index}.ts`);
  const answers: (() => void)[] = [];
  const held = { on: false };
  const make = (names: readonly string[]) =>
    class {
      constructor(...values: unknown[]) {
        names.forEach((name, index) => Object.assign(this, { [name]: values[index] }));
      }
    };
  const fake = {
    languages: {
      createDiagnosticCollection: () => ({
        set: (uri: { toString: () => string }, list: never) => shown.set(uri.toString(), list),
        delete: (uri: { toString: () => string }) => shown.delete(uri.toString()),
        dispose: () => {},
      }),
    },
    window: { visibleTextEditors: documents.slice(-1).map((document) => ({ document })) },
    workspace: {
      textDocuments: documents,
      workspaceFolders: [{ uri: { scheme: 'file', fsPath: '/project' } }],
      getConfiguration: () => ({ get: (name: string, otherwise: unknown) => settings[name] ?? otherwise }),
      createFileSystemWatcher: () => ({
        onDidChange: on('diskChange'),
        onDidCreate: on('diskCreate'),
        onDidDelete: on('diskDelete'),
        dispose: () => {},
      }),
      onDidOpenTextDocument: on('open'),
      onDidChangeTextDocument: on('change'),
      onDidCloseTextDocument: on('close'),
      onDidChangeConfiguration: on('configuration'),
    },
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    Range: make(['startLine', 'startColumn', 'endLine', 'endColumn']),
    Position: make(['line', 'column']),
    Location: make(['uri', 'position']),
    Diagnostic: make(['range', 'message', 'severity']),
    DiagnosticRelatedInformation: make(['location', 'message']),
    Uri: { file: (path: string) => `file:${path}`, parse: (text: string) => text },
  };
  const lint = {
    async check(path: string, text: string, options: LintOptions) {
      checks.push({ path, text, options });
      if (held.on) await new Promise<void>((done) => answers.push(done));
      const chain = [
        { path, line: 3, name: 'own' },
        { path: '/elsewhere/helper.ts', line: 7, name: 'fs.readFileSync' },
      ];
      const finding: Finding = {
        rule: 'blocking-call',
        severity: 'information',
        message: 'M.',
        path,
        line: 1,
        column: 1,
        endLine: 1,
        endColumn: 5,
        chain,
      };
      return { findings: [finding] };
    },
    projectFiles: (path: string) => Promise.resolve(path.endsWith('big.ts') ? project.splice(0) : []),
    load: (paths: readonly string[]) => Promise.resolve(void loads.push(paths.length)),
    close: (path: string) => Promise.resolve(void closed.push(path)),
  };
  const traced = { model: undefined, get: () => undefined, fileAt: () => undefined, onDidChange: on('run') };
  const log = { info: () => {}, error: (...words: unknown[]) => assert.fail(words.join(' ')) };
  const diagnostics = new Diagnostics({
    vscode: fake as unknown as Vscode,
    lint: lint as unknown as LintClient,
    traced: traced as unknown as TracedDocuments,
    log: log as unknown as vscode.LogOutputChannel,
  });
  const fire = (name: string, event: unknown): void => listeners.get(name)?.(event);
  return { diagnostics, fire, shown, checks, closed, loads, answers, held };
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const edit = (document: FakeDocument) => {
  document.version++;
  return { document, contentChanges: [{}] };
};

describe('diagnostics of open files', () => {
  it('are checked with the settings, and lead along the chain', async () => {
    const settings = {
      'lint.severityByCost': { syscall: 'off', data: 'nonsense' },
      'lint.blocking': ['pkg#f'],
      'lint.rules': { 'blocking-call': 'error' },
    };
    const { diagnostics, checks, shown } = setUp(
      [documentOf('/project/a.ts'), documentOf('/project/node_modules/b.ts')],
      settings,
    );
    await wait(300);
    diagnostics.dispose();
    assert.deepEqual(checks, [
      {
        path: '/project/a.ts',
        text: 'text of /project/a.ts',
        options: { severityByCost: { syscall: 'off' }, blocking: ['pkg#f'], nonblocking: [] },
      },
    ]);
    const [diagnostic] = shown.get('file:/project/a.ts')!;
    assert.equal(diagnostic!.severity, 0);
    assert.match(diagnostic!.code.target, /^command:interleave\.openRule\?.*blocking-call/);
    assert.deepEqual(JSON.parse(JSON.stringify(diagnostic!.relatedInformation)), [
      {
        location: { uri: { scheme: 'file', fsPath: '/project/a.ts', path: '/project/a.ts' }, position: { line: 2, column: 0 } },
        message: 'own',
      },
      { location: { uri: 'file:/elsewhere/helper.ts', position: { line: 6, column: 0 } }, message: 'fs.readFileSync' },
    ]);
  });

  it('are checked anew where another file changes, once and after a pause, the visible ones first', async () => {
    const helper = documentOf('/project/helper.ts');
    const [hidden, visible] = [documentOf('/project/hidden.ts'), documentOf('/project/visible.ts')];
    const { diagnostics, checks, fire, held, answers } = setUp([helper, hidden, visible]);
    await wait(300);
    checks.length = 0;
    for (let key = 0; key < 3; key++) fire('change', edit(helper));
    await wait(400);
    assert.deepEqual(
      checks.map(({ path }) => path),
      ['/project/helper.ts'],
    );
    held.on = true;
    await wait(400);
    assert.deepEqual(checks.map(({ path }) => path).slice(1), ['/project/visible.ts'], 'the second waits for the first');
    fire('change', edit(helper));
    answers.shift()!();
    await wait(10);
    assert.equal(checks.length, 2, 'the next keystroke has ended the round');
    held.on = false;
    await wait(900);
    assert.deepEqual(checks.map(({ path }) => path).slice(2), [
      '/project/helper.ts',
      '/project/visible.ts',
      '/project/hidden.ts',
    ]);
    checks.length = 0;
    fire('diskChange', helper.uri);
    fire('diskChange', { path: '/project/node_modules/x.ts', fsPath: '/project/node_modules/x.ts' });
    await wait(700);
    assert.equal(checks.length, 0);
    fire('diskChange', { path: '/project/other.ts', fsPath: '/project/other.ts' });
    await wait(700);
    assert.equal(checks.length, 3);
    diagnostics.dispose();
  });

  it('are checked anew once all files of their project were read, a few at a time', async () => {
    const { diagnostics, checks, loads } = setUp([documentOf('/project/big.ts')]);
    await wait(1200);
    assert.deepEqual(loads, [10, 10, 4]);
    assert.equal(checks.length, 2);
    diagnostics.dispose();
  });

  it('are given to texts that were not saved yet, and go with them', async () => {
    const untitled = documentOf('Untitled-1', 'untitled');
    const { diagnostics, checks, shown, closed, fire } = setUp([
      untitled,
      documentOf('/project/a.ts', 'git'),
      documentOf('notes', 'untitled', 'markdown'),
    ]);
    await wait(300);
    const path = join('/project', 'Untitled-1.ts');
    assert.deepEqual(
      checks.map((check) => check.path),
      [path],
    );
    const [diagnostic] = shown.get('untitled:Untitled-1')!;
    assert.equal((diagnostic!.relatedInformation[0] as { location: { uri: unknown } }).location.uri, untitled.uri);
    untitled.isClosed = true;
    fire('close', untitled);
    assert.deepEqual([closed, shown.size], [[path], 0]);
    diagnostics.dispose();
  });
});
