import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, hoverText, openFile, placeOf, withSetting } from './editor.ts';
import { trace } from './lastRun.ts';

/** Our diagnostics of a document as `line rule`, once there are any. */
async function findings(document: vscode.TextDocument): Promise<readonly vscode.Diagnostic[]> {
  return eventually('findings', () => {
    const found = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Interleave');
    return found.length > 0 ? found.sort((a, b) => a.range.start.compareTo(b.range.start)) : undefined;
  });
}

function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

describe('diagnostics', () => {
  it('name calls that block by what they are, not by their names', async () => {
    const { document } = await openFile('blocks.ts');
    const shown = (await findings(document)).map((finding) => `${finding.range.start.line + 1} ${ruleOf(finding)}`);
    assert.deepEqual(shown, ['6 blocking-call', '10 blocking-call', '14 blocking-call', '19 busy-wait']);
  });

  it('link to the page of their rule', async () => {
    const { document } = await openFile('blocks.ts');
    for (const { code } of await findings(document)) {
      assert.ok(typeof code === 'object', 'a code with a link');
      assert.match(code.target.toString(), /openRule|rules/);
    }
  });

  it('follow the text as it is typed', async () => {
    const editor = await openFile('plain.js');
    await editor.edit((edit) =>
      edit.insert(new vscode.Position(1, 0), "const fs = require('node:fs');\nasync function f() { return fs.statSync('.'); }\n"),
    );
    const found = await findings(editor.document);
    assert.deepEqual(
      found.map(({ range }) => range.start.line),
      [2],
    );
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await eventually('their end', () =>
      vscode.languages.getDiagnostics(editor.document.uri).every(({ source }) => source !== 'Interleave'),
    );
  });

  it('add what the last run measured', async () => {
    await trace('subprocesses.ts');
    const { document } = await openFile('subprocesses.ts');
    await eventually('milliseconds in a message', async () =>
      (await findings(document)).some(({ message }) => /held the loop [\d.]+ m?s/.test(message)),
    );
  });

  it('report what only a run can show, until the text is edited', async () => {
    await trace('three-faults.ts');
    const editor = await openFile('three-faults.ts');
    const shown = (): readonly string[] =>
      vscode.languages
        .getDiagnostics(editor.document.uri)
        .filter(({ source, message }) => source === 'Interleave' && message.startsWith('In the last run'))
        .map((finding) => `${ruleOf(finding)}: ${editor.document.lineAt(finding.range.start.line).text.trim()}`)
        .sort();
    await eventually('both findings', () => shown().length === 2);
    assert.deepEqual(shown(), ['floating: audit();', 'never-settled: await new Promise(() => {});']);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n'));
    await eventually('their end', () => shown().length === 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await eventually('both again', () => shown().length === 2);
  });

  it('can be turned off', async () => {
    const { document } = await openFile('blocks.ts');
    await findings(document);
    await withSetting('lint.enabled', false, () =>
      eventually('no findings', () =>
        vscode.languages.getDiagnostics(document.uri).every(({ source }) => source !== 'Interleave'),
      ),
    );
    await findings(document);
  });
});

describe('quick fixes', () => {
  it('put an awaited call in the place of one that blocks', async () => {
    const editor = await openFile('blocks.ts');
    const { document } = editor;
    const [first] = await findings(document);
    const action = await eventually('a fix', async () => {
      const offered = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        first!.range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return offered.find(({ title, edit }) => title.startsWith('Use `await readFile(') && edit !== undefined);
    });
    assert.equal(action.isPreferred, true);
    assert.ok(await vscode.workspace.applyEdit(action.edit!));
    assert.match(document.getText(), /return await readFile\('package\.json', 'utf8'\);/);
    assert.match(document.getText(), /import \{ readFile \} from 'node:fs\/promises';/);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});

describe('hover', () => {
  it('says before any run what the source says', async () => {
    const { document } = await openFile('greets.ts');
    await vscode.commands.executeCommand('interleave.clearDecorations');
    const text = await hoverText(document, placeOf(document, "await find('world')"));
    assert.match(text, /Promise<Greeting>/);
    assert.match(text, /Greeting/);
    assert.match(text, /greet/);
    assert.match(text, /suspend/i);
  });

  it('is silent where nothing is awaited', async () => {
    const { document } = await openFile('greets.ts');
    const text = await hoverText(document, placeOf(document, 'console.log(greeting'));
    assert.doesNotMatch(text, /suspend/i);
  });

  it('adds what the last run measured', async () => {
    await trace('sleep-together.ts');
    const { document } = await openFile('sleep-together.ts');
    const text = await eventually('both halves', async () => {
      const hover = await hoverText(document, placeOf(document, 'await sleep(1000)'));
      return /timer/i.test(hover) ? hover : undefined;
    });
    assert.match(text, /suspend/i);
    assert.match(text, /\b3\b/);
    assert.match(text, /1\.0\d s/);
    assert.match(text, /command:interleave\.openTimeline/);
  });
});

describe('CodeLens', () => {
  const lenses = async (document: vscode.TextDocument): Promise<readonly string[]> =>
    eventually('lenses', async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100);
      const ours = found.filter(({ command }) => command?.command === 'interleave.traceRun');
      return ours.length > 0 ? ours.map(({ range, command }) => `${range.start.line + 1} ${command?.title}`) : undefined;
    });

  it('stands over async functions', async () => {
    const { document } = await openFile('greets.ts');
    const titles = await lenses(document);
    assert.ok(
      titles.some((title) => /^11 .*greet\(/.test(title)),
      titles.join('\n'),
    );
    assert.ok(
      titles.some((title) => /^17 .*greetSomebody\(/.test(title)),
      titles.join('\n'),
    );
  });

  it('stands over a file with top-level await', async () => {
    const { document } = await openFile('throws.mjs');
    assert.ok((await lenses(document)).some((title) => /^1 .*Trace async run/.test(title)));
  });
});
