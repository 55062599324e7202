import type * as vscode from 'vscode';

/** The editor's API as a value: handed in by `extension.ts`, so that nothing here needs a running editor to be loaded. */
export type Vscode = typeof vscode;

/** `vscode.l10n.t`: translates a message with `{0}` placeholders. */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/** Fills placeholders without translating: what {@link Translate} does where no bundle is loaded. */
export function plainTranslate(message: string, ...args: (string | number | boolean)[]): string {
  return message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

/** The last part of a path, whichever slash the platform uses. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The text of anything thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
