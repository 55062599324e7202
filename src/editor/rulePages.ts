import type * as vscode from 'vscode';
import type { Vscode } from './host.ts';

const rulePattern = /^[a-z][a-z0-9-]*$/;

/** Where a diagnostic's code leads: a command, since a link to a file inside the extension would open as plain text. */
export function ruleLink(vscode: Vscode, rule: string): vscode.Uri {
  return vscode.Uri.parse(`command:interleave.openRule?${encodeURIComponent(JSON.stringify([rule]))}`);
}

/** Opens a rule's page rendered. Throws when there is no such page. */
export async function openRule(vscode: Vscode, extensionUri: vscode.Uri, rule: unknown): Promise<void> {
  if (typeof rule !== 'string' || !rulePattern.test(rule)) throw new Error(`Not the name of a rule: ${String(rule)}`);
  const page = vscode.Uri.joinPath(extensionUri, 'media', 'rules', `${rule}.md`);
  await vscode.workspace.fs.stat(page);
  try {
    await vscode.commands.executeCommand('markdown.showPreview', page);
  } catch {
    // The built-in preview can be disabled.
    await vscode.window.showTextDocument(page);
  }
}
