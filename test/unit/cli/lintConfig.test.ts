import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readLintConfig } from '../../../src/cli/lintConfig.ts';
import { UsageError } from '../../../src/cli/usage.ts';

describe('the configuration of the lint', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'interleave-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string): string {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }
  const read = (named?: string, below = '.') => readLintConfig(named, join(folder, below), ['blocking-call', 'busy-wait']);
  function refusal(name: string, text: string): string {
    write(name, text);
    try {
      read(name);
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message.replace(folder, '~');
    }
    throw new assert.AssertionError({ message: `${text} was taken` });
  }

  it('is not needed', () => assert.deepEqual(read(), {}));

  it('says the same in the editor’s words and in short, with comments', () => {
    const expected = {
      rules: { 'busy-wait': 'off' },
      severityByCost: { syscall: 'off', data: 'warning' },
      blocking: ['pkg#readAll'],
      nonblocking: ['node:fs#statSync'],
    };
    write(
      '.vscode/settings.json',
      `\uFEFF{ // of the editor
        "editor.tabSize": 2, "interleave.lint.enabled": false, "interleave.run.args": [],
        "interleave.lint.rules": { "busy-wait": "off", "blocking-call": "default" },
        "interleave.lint.severityByCost": { "syscall": "off", "data": "warning" },
        "interleave.lint.blocking": ["pkg#readAll"], "interleave.lint.nonblocking": ["node:fs#statSync"], }`,
    );
    assert.deepEqual(read(), expected);
    write('other.json', JSON.stringify({ $schema: 'x', lint: expected }));
    assert.deepEqual(read('other.json'), expected);
    assert.deepEqual(read('.vscode/settings.json'), expected);
  });

  it('is the nearest file upwards, before the settings of the folder', () => {
    write('interleave.json', '{ "lint": { "rules": { "busy-wait": "hint" } } }');
    write('a/.vscode/settings.json', '{ "interleave.lint.rules": { "busy-wait": "off" } }');
    write('a/b/interleave.json', '{ "lint": { "rules": { "busy-wait": "error" } } }');
    write('a/b/c/x.ts', '');
    assert.equal(read(undefined, 'a').rules?.['busy-wait'], 'hint');
    assert.equal(read(undefined, 'a/b/c').rules?.['busy-wait'], 'error');
    write('empty.json', '');
    assert.deepEqual(read('../../../empty.json', 'a/b/c').rules, {});
  });

  it('is refused with file, key and mend', () => {
    assert.match(refusal('a.json', '{\n  "lint": {\n    "rules": }\n}'), /^~\/a\.json:3:14: this is not JSON \(ValueExpected\)/);
    assert.match(refusal('b.json', '[]'), /^~\/b\.json: this is to be an object/);
    assert.match(refusal('c.json', '{ "lint": [] }'), /'lint' is to be an object/);
    assert.match(refusal('d.json', '{ "rules": {} }'), /'rules' belongs into an object 'lint': \{ "lint": \{ "rules"/);
    assert.match(
      refusal('e.json', '{ "lint": { "rule": {} } }'),
      /'lint\.rule' does not exist; there are rules, severityByCost,/,
    );
    assert.match(
      refusal('f.json', '{ "lint": { "rules": { "busy": "off" } } }'),
      /'lint\.rules\.busy' does not exist; there are blocking-call and busy-wait\./,
    );
    assert.match(
      refusal('g.json', '{ "interleave.lint.rules": { "busy-wait": "warn" } }'),
      /^~\/g\.json: 'interleave\.lint\.rules\.busy-wait' is to be default, off, error, warning, information or hint\.$/,
    );
    assert.match(
      refusal('h.json', '{ "lint": { "severityByCost": { "slow": "off" } } }'),
      /'lint\.severityByCost\.slow' does not exist/,
    );
    assert.match(refusal('i.json', '{ "lint": { "blocking": "x" } }'), /'lint\.blocking' is to be a list of functions/);
    assert.match(
      refusal('j.json', '{ "lint": { "nonblocking": ["a#b", "a#b#c"] } }'),
      /'lint\.nonblocking\[1\]' is to be a function/,
    );
    assert.throws(() => read('missing.json'), /missing\.json does not exist; --config takes a JSON file/);
  });
});
