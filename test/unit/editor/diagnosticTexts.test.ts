import assert from 'node:assert/strict';
import { shownFindings } from '../../../src/editor/diagnosticTexts.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';
import { modelOf } from '../support/modelText.ts';

const model = modelOf(`
  run /real/a.ts
  file /real/a.ts
  site 1 function "handle" 1:1-9:2
  site 2 blocking "statSync(path)" 3:3-3:17 owner 1 blocking sync-io
  file /real/helper.ts
  site 3 blocking "readFileSync(path)" 5:3-5:21 blocking sync-io
  0 turn main
  0 start 1 site 1
  brief 2
  80000 block 3 for 70000 in 1
  81000 settle 1
  exit 0
`);
const place = { line: 3, column: 3, endLine: 3, endColumn: 11 };
const direct: Finding = {
  rule: 'blocking-call',
  severity: 'information',
  message: 'A.',
  path: '/link/a.ts',
  ...place,
  chain: [],
};
const through: Finding = {
  ...direct,
  message: 'B.',
  line: 6,
  endLine: 6,
  chain: [
    { path: '/link/helper.ts', line: 4, name: 'read' },
    { path: '/link/helper.ts', line: 5, name: 'fs.readFileSync' },
  ],
};
const shown = (rules: unknown, fresh: (path: string) => boolean): string[] =>
  shownFindings([direct, through], rules, {
    model,
    traced: (path) => (fresh(path) ? path.replace('/link/', '/real/') : undefined),
  }).map(({ finding, severity }) => `${severity} ${finding.path} ${finding.message}`);

describe('findings as the editor shows them', () => {
  it('say what the last run measured at the line and behind helpers, under the paths of the editor', () => {
    assert.deepEqual(
      shown({}, () => true),
      [
        'hint /link/a.ts A; ran in the last run and took less than 1 ms each time.',
        'warning /link/a.ts B; held the loop 70.0 ms in the last run.',
      ],
    );
  });

  it('say nothing of files whose text is no longer the one that ran', () => {
    assert.deepEqual(
      shown({}, (path) => path === '/link/a.ts').map((line) => line.slice(-2)),
      ['e.', 'B.'],
    );
    assert.deepEqual(
      shown({}, () => false),
      ['information /link/a.ts A.', 'information /link/a.ts B.'],
    );
  });

  it('have the severity that the settings give their rule, whatever was measured', () => {
    assert.deepEqual(
      shown({ 'blocking-call': 'error' }, () => true).map((line) => line.slice(0, 5)),
      ['error', 'error'],
    );
    assert.deepEqual(
      shown({ 'blocking-call': 'off' }, () => true),
      [],
    );
  });

  it('leave it to the run to tell of a promise that the run saw dropped, or rejected', () => {
    const floating: Finding = { ...direct, rule: 'floating', message: 'F.' };
    const lines = (seen: readonly Finding[]): string[] =>
      shownFindings(
        [floating, direct],
        {},
        undefined,
        seen.map((finding) => ({ finding, severity: 'warning' })),
      ).map(({ finding }) => finding.message);
    assert.deepEqual(lines([{ ...floating, message: 'R.' }]), ['A.']);
    assert.deepEqual(lines([{ ...floating, rule: 'unhandled-rejection' }]), ['A.']);
    assert.deepEqual(lines([{ ...floating, line: 4 }]), ['F.', 'A.']);
    assert.deepEqual(lines([{ ...floating, column: 9 }]), ['F.', 'A.']);
    assert.deepEqual(lines([{ ...direct, rule: 'long-slice' }]), ['F.', 'A.']);
  });
});
