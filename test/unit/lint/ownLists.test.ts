import assert from 'node:assert/strict';
import { join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import type { LintOptions } from '../../../src/shared/lintMessages.ts';

const folder = join(import.meta.dirname, '../../fixtures/lint/untyped');

describe('people’s own lists of what blocks', () => {
  const service = new LintService();
  function check(lines: readonly string[], options: LintOptions): string[] {
    const response = service.answer({
      type: 'check',
      requestId: 1,
      path: join(folder, 'own.js'),
      text: lines.join('\n'),
      options,
    });
    assert.equal(response.type, 'findings');
    return response.findings.map(({ line, message }) => `${line} ${message.split(';')[0]!}`);
  }

  it('add exports of modules, methods of their classes, and globals', () => {
    const lines = [
      `import { query, Client, connect } from 'legacy-db';`,
      `import fs from 'node:fs';`,
      `const load = () => query('q');`,
      `export async function run(client = new Client()) {`,
      `  query('q');`,
      `  client.send('q');`,
      `  lookUp('x');`,
      `  load();`,
      `  connect();`,
      `  query.other('q');`,
      `}`,
    ];
    const options = { blocking: ['legacy-db#query', 'legacy-db#Client.prototype.send', 'lookUp'] };
    const said = 'holds the event loop, as the settings of the lint say';
    assert.deepEqual(check(lines, options), [
      `5 \`query of legacy-db\` ${said}`,
      `6 \`Client.send of legacy-db\` ${said}`,
      `7 \`lookUp\` ${said}`,
      `8 \`query of legacy-db\`, reached by this call (run → load → query of legacy-db), ${said}`,
    ]);
    assert.deepEqual(check(lines, {}), []);
  });

  it('lift what the catalogue holds, by whichever name of its module', () => {
    const lines = [
      `import { existsSync, statSync } from 'node:fs';`,
      `const isThere = () => existsSync('x');`,
      `export async function run() {`,
      `  existsSync('x');`,
      `  isThere();`,
      `  statSync('x');`,
      `  ['x'].map(existsSync);`,
      `}`,
    ];
    assert.equal(check(lines, {}).length, 4);
    assert.deepEqual(
      check(lines, { nonblocking: ['fs#existsSync'] }).map((text) => text.slice(0, 15)),
      ['6 `fs.statSync`'],
    );
    assert.equal(check(lines, { nonblocking: ['node:fs#statSync'] }).length, 3);
  });
});
