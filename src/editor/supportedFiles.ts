import type * as vscode from 'vscode';

const extension = /\.(?:ts|mts|cts|tsx|js|mjs|cjs|jsx)$/i;
/** The languages Interleave lints and traces. */
export const supportedLanguages = ['typescript', 'typescriptreact', 'javascript', 'javascriptreact'] as const;

/** Whether the file can be run: TypeScript or JavaScript, and not a declaration file. */
export function canTrace(path: string): boolean {
  return extension.test(path) && !/\.d\.[cm]?ts$/i.test(path);
}

/** Documents on disk only: what has no path cannot be run, and its imports cannot be found. */
export const documentSelector: readonly vscode.DocumentFilter[] = supportedLanguages.map((language) => ({
  language,
  scheme: 'file',
}));

export function isSupported(document: vscode.TextDocument): boolean {
  return (
    document.uri.scheme === 'file' &&
    (supportedLanguages as readonly string[]).includes(document.languageId) &&
    canTrace(document.uri.path)
  );
}
