import * as vscode from 'vscode';
import { createExtension, type RunningExtension } from './editor/createExtension.ts';

let running: RunningExtension | undefined;

/** Called by the editor at the first file, command or trace that needs Interleave. Registers; nothing heavy is loaded here. Its parts are handed out to tests only. */
export function activate(context: vscode.ExtensionContext): RunningExtension | undefined {
  running = createExtension(vscode, context);
  return context.extensionMode === vscode.ExtensionMode.Test ? running : undefined;
}

/** Called when the window closes: a program still running is ended. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}
