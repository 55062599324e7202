import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { eventually, inWorkspace } from './editor.ts';
import { lastRun, trace } from './lastRun.ts';

describe('a trace file', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens in the timeline editor', async () => {
    await trace('throws.mjs');
    const { log } = lastRun().run;
    const path = inWorkspace('kept.interleave');
    writeFileSync(path, log.read(0, log.length));
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
    const input = await eventually('its tab', () => {
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
      return tab?.label === 'kept.interleave' ? tab.input : undefined;
    });
    assert.ok(input instanceof vscode.TabInputCustom);
    assert.equal(input.viewType, 'interleave.trace');
    rmSync(path);
  });
});

describe('the transcript', () => {
  it('is a document in its own language', async () => {
    await trace('throws.mjs');
    await vscode.commands.executeCommand('interleave.showTranscript');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'interleave-transcript');
    assert.match(document.getText(), /fails\s+suspends at L4 await sleep\(10\)/);
    assert.match(document.getText(), /TypeError: as it should/);
  });
});
