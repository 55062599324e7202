import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { registerCodeActions } from '../../../src/editor/codeActions.ts';
import { plainTranslate, type Vscode } from '../../../src/editor/host.ts';
import type { LintFix, TextRange } from '../../../src/shared/lintMessages.ts';

const path = '/p/a.ts';
const text = 'one\ntwo three\n';

class Kind {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
  append(part: string): Kind {
    return new Kind(this.value === '' ? part : `${this.value}.${part}`);
  }
  contains({ value }: Kind): boolean {
    return this.value === '' || value === this.value || value.startsWith(`${this.value}.`);
  }
  intersects(other: Kind): boolean {
    return this.contains(other) || other.contains(this);
  }
}
const kinds = { QuickFix: new Kind('quickfix'), SourceFixAll: new Kind('source.fixAll'), Empty: new Kind('') };

interface Shown {
  readonly title: string;
  readonly kind: string;
  readonly preferred: boolean | undefined;
  readonly edits: readonly string[];
}

/** The provider that is registered with an editor of one document, asked for what it offers. */
function offers(
  lint: Parameters<typeof registerCodeActions>[0]['lint'],
  version = () => 1,
  settings: Readonly<Record<string, unknown>> = {},
) {
  class Range {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
    constructor(start: { line: number; character: number }, end: { line: number; character: number }) {
      this.start = start;
      this.end = end;
    }
  }
  const documentAt = (fsPath: string) => ({
    uri: { fsPath, scheme: 'file' },
    languageId: 'typescript',
    get version() {
      return version();
    },
    getText: () => text,
    positionAt(offset: number) {
      const before = text.slice(0, offset).split('\n');
      return { line: before.length - 1, character: before.at(-1)!.length };
    },
  });
  let provider: vscode.CodeActionProvider | undefined;
  let offered: readonly Kind[] = [];
  const failed: unknown[] = [];
  const fake = {
    CodeActionKind: kinds,
    Range,
    CodeAction: class {
      readonly title: string;
      readonly kind: Kind;
      constructor(title: string, kind: Kind) {
        this.title = title;
        this.kind = kind;
      }
    },
    WorkspaceEdit: class {
      readonly edits: string[] = [];
      replace(uri: { fsPath: string }, { start, end }: Range, newText: string): void {
        this.edits.push(`${uri.fsPath} ${start.line}:${start.character}-${end.line}:${end.character} ${newText}`);
      }
    },
    Uri: { file: (fsPath: string) => ({ fsPath, scheme: 'file' }) },
    l10n: { t: plainTranslate },
    workspace: {
      openTextDocument: ({ fsPath }: { fsPath: string }) => Promise.resolve(documentAt(fsPath)),
      getConfiguration: () => ({ get: (name: string) => settings[name] }),
    },
    languages: {
      registerCodeActionsProvider(
        _selector: unknown,
        given: vscode.CodeActionProvider,
        about: { providedCodeActionKinds: Kind[] },
      ) {
        provider = given;
        offered = about.providedCodeActionKinds;
        return { dispose: () => {} };
      },
    },
  };
  const log = { error: (...parts: unknown[]) => void failed.push(...parts) };
  registerCodeActions({ vscode: fake as unknown as Vscode, lint, log });
  assert.deepEqual(
    offered.map(({ value }) => value),
    ['quickfix', 'source.fixAll.interleave'],
  );
  return {
    failed,
    ask: async (only: Kind | undefined, diagnostics: readonly object[] = [diagnostic]): Promise<Shown[]> => {
      const range = new Range({ line: 1, character: 4 }, { line: 1, character: 4 });
      const context = { only, diagnostics };
      const actions = await provider!.provideCodeActions(
        documentAt(path) as unknown as vscode.TextDocument,
        range as unknown as vscode.Range,
        context as unknown as vscode.CodeActionContext,
        { isCancellationRequested: false } as vscode.CancellationToken,
      );
      return (actions as vscode.CodeAction[]).map(({ title, kind, isPreferred, edit }) => ({
        title,
        kind: kind!.value,
        preferred: isPreferred,
        edits: (edit as unknown as { edits: string[] }).edits,
      }));
    },
  };
}

const diagnostic = {
  source: 'Interleave',
  code: { value: 'blocking-call' },
  range: { start: { line: 1, character: 4 }, end: { line: 1, character: 9 } },
};
const fix: LintFix = {
  title: 'Mend',
  kind: 'rewrite',
  rule: 'blocking-call',
  line: 2,
  column: 5,
  edits: [
    { path, start: 4, end: 7, newText: '2' },
    { path: '/p/b.ts', start: 0, end: 3, newText: '1' },
  ],
  lengths: { [path]: text.length, '/p/b.ts': text.length },
  safe: true,
  findings: 1,
};

describe('code actions', () => {
  it('are the fixes of the finding at the place, in all files they change', async () => {
    const asked: (TextRange | undefined)[] = [];
    const { ask } = offers({
      fixes: (_path, _text, _options, range) => {
        asked.push(range);
        return Promise.resolve([fix, { ...fix, title: 'Elsewhere', column: 1 }, { ...fix, title: 'Ignore', safe: false }]);
      },
      fixAll: () => assert.fail('asked for by name only'),
    });
    const edits = ['/p/a.ts 1:0-1:3 2', '/p/b.ts 0:0-0:3 1'];
    const expected = [
      { title: 'Mend', kind: 'quickfix', preferred: true, edits },
      { title: 'Ignore', kind: 'quickfix', preferred: false, edits },
    ];
    assert.deepEqual(await ask(undefined), expected);
    assert.deepEqual(await ask(kinds.QuickFix), expected);
    assert.deepEqual(asked[0], { line: 2, column: 5, endLine: 2, endColumn: 5 });
  });

  it('of a whole file come when asked for by name', async () => {
    const asked: unknown[] = [];
    const { ask } = offers(
      {
        fixes: () => assert.fail('not asked for'),
        fixAll(_path, _text, options) {
          asked.push(options?.rules, options?.nonblocking);
          return Promise.resolve(fix);
        },
      },
      undefined,
      { 'lint.rules': { 'busy-wait': 'off' }, 'lint.nonblocking': ['pkg#read'] },
    );
    const expected = [
      {
        title: 'Fix all calls that block the event loop',
        kind: 'source.fixAll.interleave',
        preferred: undefined,
        edits: ['/p/a.ts 1:0-1:3 2', '/p/b.ts 0:0-0:3 1'],
      },
    ];
    assert.deepEqual(await ask(kinds.SourceFixAll, []), expected);
    assert.deepEqual(asked, [{ 'busy-wait': 'off' }, ['pkg#read']]);
    assert.deepEqual(await ask(kinds.SourceFixAll.append('interleave'), []), expected);
    assert.deepEqual(await ask(kinds.SourceFixAll.append('eslint'), []), []);
  });

  it('are none where no finding of ours is shown: the worker is not asked', async () => {
    const { ask } = offers({ fixes: () => assert.fail('asked'), fixAll: () => assert.fail('asked') });
    assert.deepEqual(await ask(undefined, []), []);
    assert.deepEqual(await ask(undefined, [{ ...diagnostic, source: 'ts' }]), []);
    assert.deepEqual(await ask(new Kind('refactor')), []);
  });

  it('are none where the text moved on, the answer is stale, or the worker failed', async () => {
    let version = 1;
    const edited = offers(
      { fixes: () => (version++, Promise.resolve([fix])), fixAll: () => Promise.resolve(fix) },
      () => version,
    );
    assert.deepEqual(await edited.ask(undefined), []);
    const late = offers({ fixes: () => Promise.resolve('stale'), fixAll: () => Promise.resolve('stale') });
    assert.deepEqual([await late.ask(undefined), await late.ask(kinds.SourceFixAll)], [[], []]);
    const other = { ...fix, lengths: { '/p/b.ts': 3 } };
    const elsewhere = offers({ fixes: () => Promise.resolve([other]), fixAll: () => Promise.resolve(other) });
    assert.deepEqual([await elsewhere.ask(undefined), await elsewhere.ask(kinds.SourceFixAll)], [[], []]);
    const broken = offers({ fixes: () => Promise.reject(new Error('gone')), fixAll: () => Promise.resolve(undefined) });
    assert.deepEqual(await broken.ask(undefined), []);
    assert.equal(broken.failed.length, 2);
    assert.deepEqual(await broken.ask(kinds.SourceFixAll), []);
  });
});
