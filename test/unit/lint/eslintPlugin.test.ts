import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import type * as Plugin from '../../../src/lint/eslintPlugin.ts';
import { rules as ruleNames } from '../../../src/lint/rules.ts';

const root = resolve(import.meta.dirname, '../../..');
const helper = "import { execSync } from 'node:child_process';\nexport function build() {\n  execSync('make');\n}\n";
const user = "import { build } from './helper';\nexport async function run() {\n  build();\n}\n";

describe('the plugin for ESLint', () => {
  let folder: string;
  let plugin: typeof Plugin;

  before(() => {
    const bundles = existsSync(join(root, 'dist/ts-morph.cjs')) ? ['eslint'] : ['eslint', 'ts-morph'];
    for (const name of bundles) execFileSync(process.execPath, ['esbuild.config.mjs', `--only=${name}`], { cwd: root });
    plugin = createRequire(import.meta.url)(join(root, 'dist/eslint.cjs')) as typeof Plugin;
  });
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-eslint-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string): void {
    writeFileSync(join(folder, name), text);
  }
  function eslint(...more: Linter.Config[]): ESLint {
    return new ESLint({
      cwd: folder,
      overrideConfigFile: true,
      overrideConfig: [plugin.configs.recommended, ...more],
    });
  }
  const typed: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
  };
  const told = (results: readonly ESLint.LintResult[]): string[] =>
    results.flatMap(({ filePath, messages }) =>
      messages.map(
        ({ ruleId, severity, line, column, endLine, endColumn }) =>
          `${filePath.slice(folder.length + 1)} ${ruleId} ${severity} ${line}:${column}-${endLine}:${endColumn}`,
      ),
    );

  it('has a rule for each of ours, with its page, all of them recommended', () => {
    assert.deepEqual(Object.keys(plugin.rules).sort(), [...ruleNames].sort());
    assert.deepEqual(Object.keys(plugin.configs.recommended.rules).sort(), ruleNames.map((rule) => `interleave/${rule}`).sort());
    const { url, description } = plugin.rules['blocking-call']!.meta.docs;
    assert.ok(existsSync(new URL(url)));
    assert.match(description, /^A synchronous call/);
  });

  it('reports what blocks behind helpers of other files, with a parser that knows types and with one that does not', async () => {
    write('tsconfig.json', '{ "compilerOptions": { "module": "Preserve" } }');
    write('helper.ts', helper);
    write('user.ts', user);
    const expected = ['user.ts interleave/blocking-call 1 3:3-3:8'];
    const results = await eslint(typed).lintFiles(['.']);
    assert.deepEqual(told(results), expected);
    assert.match(
      results.find(({ filePath }) => filePath.endsWith('user.ts'))!.messages[0]!.message,
      /run → build → child_process\.execSync/,
    );
    const services = { parserOptions: { projectService: true, tsconfigRootDir: folder } };
    const withTypes = { ...typed, languageOptions: { ...typed.languageOptions, ...services } };
    assert.deepEqual(told(await eslint(withTypes).lintFiles(['.'])), expected);
  });

  it('reads JavaScript with ESLint’s own parser, and takes its comments and levels', async () => {
    write(
      'a.mjs',
      "import fs from 'node:fs';\nexport async function f() {\n  fs.readFileSync('x');\n  // eslint-disable-next-line interleave/blocking-call\n  fs.readFileSync('y');\n  while (Date.now() < 5) {}\n}\n",
    );
    assert.deepEqual(told(await eslint({ rules: { 'interleave/busy-wait': 'error' } }).lintFiles(['a.mjs'])), [
      'a.mjs interleave/blocking-call 1 3:3-3:18',
      'a.mjs interleave/busy-wait 2 6:3-6:25',
    ]);
  });

  it('takes the settings of the lint, and refuses those it cannot use', async () => {
    write('a.mjs', "import fs from 'node:fs';\nexport async function f() {\n  fs.existsSync('x');\n}\n");
    const lint = (settings: unknown) => eslint({ settings: { interleave: settings } }).lintFiles(['a.mjs']);
    assert.equal(told(await lint({})).length, 1);
    assert.deepEqual(told(await lint({ severityByCost: { syscall: 'off' } })), []);
    await assert.rejects(lint({ severityByCost: { fast: 'off' } }), /settings\.interleave\.severityByCost\.fast does not exist/);
  });

  it('takes the text it is given for the file, and the file again afterwards', async () => {
    write('helper.ts', helper);
    write('user.ts', user);
    const lint = eslint(typed);
    const filePath = join(folder, 'helper.ts');
    assert.deepEqual(told(await lint.lintText('export async function build() { for (;;) {} }', { filePath })), []);
    assert.deepEqual(told(await lint.lintFiles(['user.ts'])), ['user.ts interleave/blocking-call 1 3:3-3:8']);
    const [result] = await lint.lintText(helper.replace('function', 'async function'));
    assert.deepEqual(
      result!.messages.map(({ line }) => line),
      [3],
      'a text of no file',
    );
  });
});
