import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findingText } from '../../../src/lint/findingText.ts';
import { LintService } from '../../../src/lint/lintService.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';
import { blockingApis } from '../../../src/source/blocking/blockingCatalogue.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/lint');

describe('what findings say', () => {
  const service = new LintService();
  function check(file: string): readonly Finding[] {
    const response = service.answer({ type: 'check', requestId: 1, path: join(fixtures, file) });
    assert.equal(response.type, 'findings');
    return response.findings;
  }

  it('names the call, what it holds and the replacement, and weighs it by cost', () => {
    const texts = [
      ...check('imports/default.ts'),
      ...check('families/process.ts').slice(0, 1),
      ...check('families/waits.ts').slice(0, 1),
    ];
    assert.deepEqual(
      texts.map(({ severity, message }) => `${severity}: ${message}`),
      [
        'information: `fs.readFileSync` holds the event loop until the whole file operation is done; no other task runs meanwhile. Use `await fs.promises.readFile(...)`.',
        'warning: `child_process.execSync` holds the event loop until the child process has ended; no other task runs meanwhile. Use `(await util.promisify(cp.exec)(...)).stdout`.',
        'warning: `Atomics.wait` stops the whole thread until something outside it answers; no other task runs meanwhile. Use `Atomics.waitAsync`.',
      ],
    );
  });

  it('names the way through helpers, each with its place', () => {
    const [found] = check('helpers/user.ts');
    assert.match(
      found!.message,
      /^`fs\.readFileSync`, reached by this call \(handler → load → readConfig → fs\.readFileSync\), holds the event loop/,
    );
    assert.deepEqual(
      found!.chain.map(({ path, line, name }) => `${path.slice(fixtures.length + 1)}:${line} ${name}`),
      ['helpers/user.ts:3 load', 'helpers/library.ts:4 readConfig', 'helpers/library.ts:6 fs.readFileSync'],
    );
    assert.deepEqual([found!.line, found!.column, found!.endColumn], [9, 3, 7]);
  });

  it('weighs what may be reached through other implementations one step lower', () => {
    const [through] = check('reach/interfaces.ts');
    assert.match(through!.message, /^`fs\.readFileSync`, which this call may reach \(run → Disk\.load → /);
    assert.equal(through!.severity, 'hint');
    const [certain] = check('helpers/user.ts');
    assert.equal(certain!.severity, 'information');
    const path = join(fixtures, 'reach/interfaces.ts');
    const options = { severityByCost: { data: 'error' } } as const;
    const response = service.answer({ type: 'check', requestId: 1, path, options });
    assert.equal(response.type, 'findings');
    assert.equal(response.findings[0]!.severity, 'warning');
  });

  it('marks the callee of a call and the head of a loop', () => {
    const [loop] = check('families/busy.ts');
    assert.deepEqual([loop!.rule, loop!.line, loop!.column, loop!.endLine, loop!.endColumn], ['busy-wait', 6, 3, 6, 27]);
    const [call] = check('imports/named.ts');
    assert.deepEqual([call!.line, call!.column, call!.endLine, call!.endColumn], [4, 10, 4, 22]);
  });

  it('ends after a thousand in one file, and says so', () => {
    const text = 'async function f() { require("fs").readFileSync("x"); }\n'.repeat(1500);
    const response = service.answer({ type: 'check', requestId: 1, path: join(fixtures, 'untyped/many.cjs'), text });
    assert.equal(response.type, 'findings');
    assert.equal(response.findings.length, 1000);
    assert.equal(response.note, 'Of 1500 findings the first 1000 are shown.');
  });

  it('is one or two whole sentences for every entry of the catalogue', () => {
    const place = { line: 1, column: 1, endLine: 1, endColumn: 2 };
    for (const api of blockingApis) {
      const text = findingText({ cause: { type: 'call', api, name: 'x.y' }, place, chain: [], within: 'f', may: false });
      assert.match(text, /^`x\.y` (?:[^`]*); no other task runs meanwhile\.(?: Use [^\n]{2,120}\.)?$/, api.id);
      assert.doesNotMatch(text, /undefined|``/, api.id);
    }
  });
});
