import assert from 'node:assert/strict';
import { join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';

const folder = join(import.meta.dirname, '../../fixtures/lint/promises');

describe('what findings about promises say', () => {
  const service = new LintService();
  function check(name: string, text?: string): readonly Finding[] {
    const path = join(folder, name);
    const response = service.answer({ type: 'check', requestId: 1, path, ...(text === undefined ? {} : { text }) });
    assert.equal(response.type, 'findings');
    return response.findings;
  }
  const beginnings = (findings: readonly Finding[]): string[] =>
    findings.map(({ severity, line, column, message }) => `${line}:${column} ${severity}: ${message.split(':')[0]}`);

  it('names the call that is left alone, and weighs it by what can be done there', () => {
    const found = check('floating.ts');
    assert.deepEqual(beginnings([found[0]!, found.find(({ line }) => line === 22)!, found.at(-1)!]), [
      '6:3 warning: Here nobody takes the promise of `audit(…)`',
      '22:3 information: Here nobody takes the promise of `store.put(…)`',
      '31:1 hint: If it fails, nobody takes the promise of `main()`',
    ]);
  });

  it('says what each method does with the promise of its callback', () => {
    assert.deepEqual(
      check('callbacks.ts').map(({ message }) =>
        /^.*?`(\w+)`.*?(drops|true|number|accumulator|array of promises)/.exec(message)?.slice(1),
      ),
      [
        ...Array<string[]>(3).fill(['forEach', 'drops']),
        ['map', 'drops'],
        ...['filter', 'find', 'some', 'every'].map((method) => [method, 'true']),
        ['sort', 'number'],
        ...Array<string[]>(3).fill(['map', 'array of promises']),
        undefined,
      ],
    );
  });

  it('names the block that a returned promise gets past', () => {
    const blocks = check('tries.ts').map(({ message }) => /`(catch|finally)`/.exec(message)?.[1]);
    assert.deepEqual(blocks.filter((block) => block === 'finally').length, 1);
    assert.equal(blocks[4], 'finally');
    assert.equal(blocks.length, 10);
  });

  it('names the lines that belong together', () => {
    assert.match(
      check('late.ts')[0]!.message,
      /^Nobody handles `data` while line 8 awaits something else: if `load\(…\)` rejects/,
    );
    const copied = check('updates.ts').filter(({ message }) => message.includes('is written from what line'));
    assert.deepEqual(
      copied.map(({ line, message }) => `${line} ${/^`(.*?)`.*?line (\d+)/.exec(message)?.slice(1).join(' ')}`),
      ['24 names 22', '43 this.balance 41', '54 this.balance 52', '94 this.count 90'],
    );
  });

  it('names what is closed under the work of others', () => {
    const resources = check('siblings.ts').map(
      ({ message }) => /`Promise\.all` does not wait for the others: `(.*?)`/.exec(message)?.[1],
    );
    assert.deepEqual(resources, ['db', 'db', 'db', 'folder', 'this.db', undefined, undefined, 'db']);
  });

  it('obeys comments and settings', () => {
    const text =
      'export async function f(): Promise<void> {\n  fetch("a");\n  fetch("b"); // interleave-ignore-line floating\n}\n';
    assert.deepEqual(beginnings(check('silenced.ts', text)), ['2:3 warning: Here nobody takes the promise of `fetch(…)`']);
    const off = service.answer({
      type: 'check',
      requestId: 2,
      path: join(folder, 'silenced.ts'),
      text,
      options: { rules: { floating: 'off' } },
    });
    assert.deepEqual(off.type === 'findings' && off.findings, []);
  });
});
