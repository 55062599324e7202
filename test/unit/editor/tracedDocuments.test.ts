import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Vscode } from '../../../src/editor/host.ts';
import { RunStore } from '../../../src/editor/runStore.ts';
import { SourcePaths } from '../../../src/editor/sourcePaths.ts';
import { TracedDocuments } from '../../../src/editor/tracedDocuments.ts';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import { encodeMagic, encodeRecord } from '../../../src/shared/traceFrames.ts';

const path = '/p/a.ts';
const original = 'async function f() {\n  await 1;\n  await 2;\n}\n';

/** One open document and the editor's events about it. */
function editor(): {
  vscode: Vscode;
  document: vscode.TextDocument;
  edit: (line: number, column: number, text: string) => void;
  set: (text: string) => void;
} {
  let text = original;
  let changed: (event: unknown) => void = () => {};
  const uri = { scheme: 'file', fsPath: path, path, toString: () => `file://${path}` };
  const document = { uri, languageId: 'typescript', isClosed: false, getText: () => text } as unknown as vscode.TextDocument;
  const listen = (listener: (event: unknown) => void) => {
    changed = listener;
    return { dispose: () => {} };
  };
  const workspace = {
    textDocuments: [document],
    onDidChangeTextDocument: listen,
    onDidCloseTextDocument: () => ({ dispose: () => {} }),
  };
  return {
    vscode: { workspace } as unknown as Vscode,
    document,
    set: (now) => (text = now),
    edit(line, column, put) {
      const lines = text.split('\n');
      lines[line - 1] = `${lines[line - 1]?.slice(0, column)}${put}${lines[line - 1]?.slice(column)}`;
      text = lines.join('\n');
      const at = { line: line - 1, character: column };
      changed({ document, contentChanges: [{ range: { start: at, end: at }, text: put }] });
    },
  };
}

function traceBytes(traced: string): Uint8Array {
  const place = (id: number, line: number) => {
    return {
      id: id as SiteId,
      kind: 'await' as const,
      line,
      column: 3,
      endLine: line,
      endColumn: 10,
      name: 'x',
      owner: 0 as SiteId,
    };
  };
  const sourceHash = createHash('sha256').update(traced).digest('hex');
  const file = {
    type: 'file',
    file: 1 as FileId,
    path,
    status: 'instrumented',
    sites: [place(1, 2), place(2, 3)],
    sourceHash,
  } as const;
  return Buffer.concat([encodeMagic(), encodeRecord(file)]);
}

describe('documents of the last run', () => {
  const ended = { cause: 'exited', code: 0, signal: null, afterMs: 1 } as const;

  function start(ran = original): ReturnType<typeof editor> & { store: RunStore; traced: TracedDocuments } {
    const made = editor();
    const store = new RunStore();
    const traced = new TracedDocuments(made.vscode, store, new SourcePaths(made.vscode));
    store.begin({ path }, 50);
    store.append(traceBytes(ran));
    return { ...made, store, traced };
  }

  it('are fresh while their text is the one that ran', () => {
    const { store, traced, document } = start();
    assert.equal(traced.get(document), undefined, 'not while it runs');
    store.finish(ended);
    assert.equal(traced.get(document)?.fresh, true);
    assert.equal(traced.get(document)?.lineNow(3), 3);
    traced.dispose();
  });

  it('keep their lines through edits, and lose those that were touched', () => {
    const { store, traced, document, edit } = start();
    store.finish(ended);
    traced.get(document);
    edit(1, 0, '// new\n');
    edit(3, 5, 'x');
    const run = traced.get(document);
    assert.equal(run?.fresh, false);
    assert.equal(run?.lineNow(2), undefined);
    assert.equal(run?.lineNow(3), 4);
    assert.equal(run?.lineThen(4), 3);
    traced.dispose();
  });

  it('keep them also through edits made while the program ran', () => {
    const { store, traced, document, edit } = start();
    edit(1, 0, '// new\n');
    store.finish(ended);
    const run = traced.get(document);
    assert.equal(run?.fresh, false);
    assert.equal(run?.lineNow(2), 3);
    traced.dispose();
  });

  it('have no lines where nobody saw the edits', () => {
    const { store, traced, document } = start(`// another text\n${original}`);
    store.finish(ended);
    assert.equal(traced.get(document)?.fresh, false);
    assert.equal(traced.get(document)?.lineNow(2), undefined);
    traced.dispose();
  });

  it('may have a byte order mark that the editor hides', () => {
    const { store, traced, document } = start(`\uFEFF${original}`);
    store.finish(ended);
    assert.equal(traced.get(document)?.fresh, true);
    traced.dispose();
  });

  it('are fresh again when the edits are undone', async () => {
    const { store, traced, document, edit, set } = start();
    store.finish(ended);
    traced.get(document);
    const told = new Promise<void>((resolve) => {
      traced.onDidChange(() => {
        if (traced.get(document)?.fresh) resolve();
      });
    });
    edit(2, 5, 'x');
    assert.equal(traced.get(document)?.lineNow(2), undefined);
    set(original);
    await told;
    assert.equal(traced.get(document)?.lineNow(2), 2);
    traced.dispose();
  });
});
