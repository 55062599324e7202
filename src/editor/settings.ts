import type * as vscode from 'vscode';
import type { Finding, FindingSeverity, LintOptions } from '../shared/lintMessages.ts';
import { readLintSettings } from '../shared/lintSettings.ts';
import type { ClockMode } from '../shared/traceRecords.ts';
import type { Vscode } from './host.ts';

/** `interleave.run.*` for one file. */
export interface RunSettings {
  readonly args: readonly string[];
  /** Variables to set; null takes one away. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Absolute, or relative to the workspace folder; empty: the workspace folder, or the file's own. */
  readonly cwd: string;
  readonly nodePath: string;
  readonly nodeArgs: readonly string[];
  /** 0: no limit. */
  readonly timeoutSeconds: number;
  readonly clock: ClockMode;
  readonly exclude: readonly string[];
  readonly followChildren: boolean;
  readonly longSliceMs: number;
  /** 0: a hold is not looked at while it lasts. */
  readonly hangSeconds: number;
}

export function readRunSettings(vscode: Vscode, uri: vscode.Uri): RunSettings {
  const settings = vscode.workspace.getConfiguration('interleave', uri);
  return {
    args: strings(settings.get('run.args')),
    env: variables(settings.get('run.env')),
    cwd: text(settings.get('run.cwd')),
    nodePath: text(settings.get('run.nodePath')),
    nodeArgs: strings(settings.get('run.nodeArgs')),
    timeoutSeconds: within(settings.get('run.timeoutSeconds'), 0, 86_400, 0),
    clock: settings.get('run.clock') === 'virtual' ? 'virtual' : 'wall',
    exclude: strings(settings.get('run.exclude')),
    followChildren: settings.get('run.followChildren') !== false,
    longSliceMs: within(settings.get('longSliceMs'), 1, 60_000, 50),
    hangSeconds: within(settings.get('hangSeconds'), 0, 3600, 1),
  };
}

/** What the lint is asked to do for one file; what is set wrongly the editor itself marks. The severities of rules come last, see {@link severityOf}: a run can move what comes before. */
export function lintOptions(vscode: Vscode, uri: vscode.Uri): LintOptions {
  const settings = vscode.workspace.getConfiguration('interleave', uri);
  const { severityByCost, blocking, nonblocking } = readLintSettings((name) => settings.get(`lint.${name}`)).options;
  return { severityByCost: severityByCost ?? {}, blocking: blocking ?? [], nonblocking: nonblocking ?? [] };
}

/** The same with the rules that are off: what fixes are asked for with. */
export function fixOptions(vscode: Vscode, uri: vscode.Uri): LintOptions {
  const settings = vscode.workspace.getConfiguration('interleave', uri);
  return readLintSettings((name) => settings.get(`lint.${name}`)).options;
}

/** The severity a finding is shown with; undefined when its rule is off. `rules` is the setting `interleave.lint.rules`. */
export function severityOf(finding: Finding, rules: unknown): FindingSeverity | undefined {
  const chosen = isObject(rules) ? rules[finding.rule] : undefined;
  switch (chosen) {
    case 'off':
      return undefined;
    case 'error':
    case 'warning':
    case 'information':
    case 'hint':
      return chosen;
    default:
      return finding.severity;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function variables(value: unknown): Record<string, string | null> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      if (item === null || typeof item === 'string') return [[name, item] as const];
      // `"PORT": 8080` is what people write.
      return typeof item === 'number' || typeof item === 'boolean' ? [[name, String(item)] as const] : [];
    }),
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function within(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}
