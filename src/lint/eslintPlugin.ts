import { isAbsolute, join } from 'node:path';
import type { Finding } from '../shared/lintMessages.ts';
import { readLintSettings } from '../shared/lintSettings.ts';
import { ProjectStore, UnreadableFileError } from '../source/project/project.ts';
import { checkFile } from './checkFile.ts';
import { describeRules } from './rulePages.ts';

/** What of ESLint's rule context is used. */
export interface EslintRuleContext {
  readonly cwd: string;
  readonly filename: string;
  /** Of scripts it has a `text`. */
  readonly sourceCode: object;
  readonly settings: Readonly<Record<string, unknown>>;
  report(descriptor: {
    readonly message: string;
    readonly loc: {
      readonly start: { readonly line: number; readonly column: number };
      readonly end: { readonly line: number; readonly column: number };
    };
  }): void;
}

export interface EslintRule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string; readonly url: string };
    readonly schema: [];
  };
  create(context: EslintRuleContext): { Program(): void };
}

/** A plugin for ESLint's flat configuration. */
export interface EslintPlugin {
  readonly meta: { readonly name: string; readonly namespace: string };
  readonly rules: Record<string, EslintRule>;
}

export interface EslintConfig {
  readonly name: string;
  readonly plugins: Record<string, EslintPlugin>;
  readonly rules: Record<string, 'warn'>;
}

/** Larger projects are read as far as the linted files import them. */
const mostFiles = 2000;

/**
 * One project for all files of the process. It is ours and not the program that typescript-eslint holds: the numbers of syntax kinds and flags
 * differ between versions of TypeScript, and the engine is bound to the one it ships with. In return it works with any parser.
 */
const projects = new ProjectStore();
/** By ESLint's own object for the text, which all rules share. */
const findings = new WeakMap<object, readonly Finding[]>();

function findingsOf({ cwd, filename, sourceCode, settings }: EslintRuleContext): readonly Finding[] {
  const known = findings.get(sourceCode);
  if (known) return known;
  const path = isAbsolute(filename) ? filename : join(cwd, 'text.ts');
  const text = 'text' in sourceCode ? String(sourceCode.text) : '';
  const found = check(path, text, settings['interleave']);
  findings.set(sourceCode, found);
  return found;
}

function check(path: string, text: string, settings: unknown): readonly Finding[] {
  const given = typeof settings === 'object' && settings !== null ? (settings as Readonly<Record<string, unknown>>) : {};
  const { options, problems } = readLintSettings((name) => given[name]);
  const [problem] = problems;
  if (problem) throw new Error(`settings.interleave.${problem.key} ${problem.mend}.`);
  try {
    const files = projects.filesOfProject(path, mostFiles);
    if (files.length > 0) projects.announce(files);
    return checkFile(projects.load(path, text), options);
  } catch (error) {
    // Other languages with scripts in them, and generated files.
    if (error instanceof UnreadableFileError || error instanceof RangeError) return [];
    throw error;
  } finally {
    // From here on the file counts again: an editor's ESLint lives on.
    projects.close(path);
  }
}

const rulePages: string = join(import.meta.dirname, '..', 'media', 'rules');

/** Interleave's rules that look at source, as ESLint rules of the same names. `settings.interleave` takes the settings `interleave.lint.*`. */
export const rules: Record<string, EslintRule> = Object.fromEntries(
  describeRules(rulePages).map(({ rule, summary, url }): [string, EslintRule] => [
    rule,
    {
      meta: { type: 'problem', docs: { description: summary, url }, schema: [] },
      create: (context) => ({
        Program() {
          for (const { rule: of, message, line, column, endLine, endColumn } of findingsOf(context)) {
            if (of !== rule) continue;
            context.report({
              message,
              loc: { start: { line, column: column - 1 }, end: { line: endLine, column: endColumn - 1 } },
            });
          }
        },
      }),
    },
  ]),
);

export const meta: EslintPlugin['meta'] = { name: 'interleave', namespace: 'interleave' };

/** `recommended`: all rules as warnings. */
export const configs: { readonly recommended: EslintConfig } = {
  recommended: {
    name: 'interleave/recommended',
    plugins: { interleave: { meta, rules } },
    rules: Object.fromEntries(Object.keys(rules).map((rule) => [`interleave/${rule}`, 'warn' as const])),
  },
};
