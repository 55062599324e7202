import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatFindingsAsJson, formatFindingsAsText } from '../../../src/lint/formatFindings.ts';
import type { LintResult } from '../../../src/lint/lintPaths.ts';
import { atLeast, rules } from '../../../src/lint/rules.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';

const cwd = '/home/me/app';
const finding: Finding = {
  rule: 'blocking-call',
  severity: 'warning',
  message: '`child_process.execSync` holds the event loop.',
  path: '/home/me/app/src/a.ts',
  line: 2,
  column: 2,
  endLine: 2,
  endColumn: 10,
  chain: [],
};
const chained: Finding = {
  ...finding,
  severity: 'hint',
  path: '/elsewhere/b.ts',
  line: 1,
  column: 1,
  endLine: 2,
  endColumn: 4,
  chain: [{ path: '/home/me/app/src/c.ts', line: 7, name: 'load' }],
};
const texts: Readonly<Record<string, string>> = {
  '/home/me/app/src/a.ts': 'x;\n\texecSync(1);\n',
  '/elsewhere/b.ts': 'read(\n1)',
};
const result: LintResult = {
  files: [finding.path, chained.path],
  findings: [finding, chained],
  notes: [{ path: '/home/me/app/big.js', text: 'Not checked.' }],
};
const readText = (path: string): string | undefined => texts[path];

describe('findings as text', () => {
  it('have a place, a message, the line with the place marked, and a count', () => {
    assert.equal(
      formatFindingsAsText(result, { cwd, color: false, readText }),
      [
        'src/a.ts:2:2 warning `child_process.execSync` holds the event loop. blocking-call',
        '  2 | \texecSync(1);',
        '    | \t^^^^^^^^',
        '',
        '/elsewhere/b.ts:1:1 hint `child_process.execSync` holds the event loop. blocking-call',
        '  1 | read(',
        '    | ^^^^^',
        '    src/c.ts:7 load',
        '',
        'big.js: Not checked.',
        '',
        '2 files checked: 1 warning, 1 hint.',
        '',
      ].join('\n'),
    );
  });

  it('are coloured on demand and the same otherwise', () => {
    const painted = formatFindingsAsText(result, { cwd, color: true, readText });
    assert.match(painted, /\u001b\[33mwarning\u001b\[0m/);
    assert.equal(painted.replace(/\u001b\[\d+m/g, ''), formatFindingsAsText(result, { cwd, color: false, readText }));
  });

  it('show a part of a very long line and do without a text that is gone', () => {
    const long: Finding = { ...finding, line: 1, column: 100_001, endLine: 1, endColumn: 100_005 };
    const lines = formatFindingsAsText(
      { files: [finding.path], findings: [long], notes: [] },
      { cwd, color: false, readText: () => `${' '.repeat(100_000)}abcd${';'.repeat(100_000)}` },
    ).split('\n');
    assert.ok(lines.every((line) => line.length < 200));
    assert.equal(lines[1]!.slice(lines[2]!.indexOf('^'), lines[2]!.lastIndexOf('^') + 1), 'abcd');
    const without = formatFindingsAsText(
      { files: [], findings: [long], notes: [] },
      { cwd, color: false, readText: () => undefined },
    );
    assert.equal(without.split('\n').length, 4);
  });

  it('say so when there is nothing', () => {
    const nothing = { files: [finding.path], findings: [], notes: [] };
    assert.equal(formatFindingsAsText(nothing, { cwd, color: true, readText }), '1 file checked, nothing found.\n');
  });
});

describe('findings as JSON', () => {
  it('are an array of plain objects with paths from the folder', () => {
    assert.deepEqual(JSON.parse(formatFindingsAsJson(result.findings, cwd)), [
      {
        file: 'src/a.ts',
        line: 2,
        column: 2,
        rule: 'blocking-call',
        severity: 'warning',
        message: finding.message,
        chain: [],
      },
      {
        file: '/elsewhere/b.ts',
        line: 1,
        column: 1,
        rule: 'blocking-call',
        severity: 'hint',
        message: finding.message,
        chain: [{ file: 'src/c.ts', line: 7, name: 'load' }],
      },
    ]);
    assert.deepEqual(JSON.parse(formatFindingsAsJson([], cwd)), []);
  });
});

describe('rules', () => {
  it('have a page each, which names the rule, its mend and how to silence it', () => {
    for (const rule of rules) {
      const path = resolve(import.meta.dirname, `../../../media/rules/${rule}.md`);
      assert.ok(existsSync(path), path);
      const page = readFileSync(path, 'utf8');
      assert.ok(page.startsWith(`# ${rule}\n`));
      for (const heading of ['## Why it matters', '## How to mend it', '## How to silence it']) assert.ok(page.includes(heading));
      assert.ok(page.includes(`interleave-ignore-next-line ${rule}`));
    }
  });

  it('weigh warning over information over hint', () => {
    assert.ok(atLeast('warning', 'information') && atLeast('hint', 'hint') && !atLeast('information', 'warning'));
  });
});
