import type * as vscode from 'vscode';
import type { FunctionOutline } from '../shared/lintMessages.ts';
import { checkArguments, initialArguments, parseArguments, remember, signature } from './functionArguments.ts';
import type { Vscode } from './host.ts';

const stateKey = 'interleave.arguments';

/** Asks for a function's arguments, offering what was given last time; undefined when the person turned away. A function without parameters is not asked about. */
export async function askArguments(
  vscode: Vscode,
  memory: vscode.Memento,
  path: string,
  outline: FunctionOutline,
): Promise<readonly unknown[] | undefined> {
  if (outline.parameters.length === 0) return [];
  const known = memory.get<Record<string, string>>(stateKey, {});
  const key = `${path}#${outline.exportName ?? outline.name}`;
  const value = known[key] ?? initialArguments(outline);
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Trace {0}', signature(outline)),
    prompt: vscode.l10n.t('Arguments as a JSON array'),
    value,
    valueSelection: [value.startsWith('[') ? 1 : 0, value.endsWith(']') ? value.length - 1 : value.length],
    ignoreFocusOut: true,
    validateInput: (typed) => {
      const problem = checkArguments(typed, outline, vscode.l10n.t);
      if (!problem) return undefined;
      const severities = { error: vscode.InputBoxValidationSeverity.Error, warning: vscode.InputBoxValidationSeverity.Warning };
      return { message: problem.message, severity: severities[problem.severity] };
    },
  });
  if (text === undefined) return undefined;
  await memory.update(stateKey, remember(known, key, text));
  return parseArguments(text);
}
