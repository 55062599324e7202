import assert from 'node:assert/strict';
import { createFileFilter, languageOf } from '../../../src/runtime/loading/fileFilter.ts';
import { matchesGlob } from '../../../src/runtime/loading/globs.ts';

describe('which files are instrumented', () => {
  it('globs', () => {
    const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
      ['**/node_modules/**', ['node_modules/a/b.js', 'x/node_modules/a.js'], ['src/node_modules.ts', 'my_node_modules/a.js']],
      ['generated', ['generated/a.ts', 'x/generated/y/a.ts', 'generated'], ['generated.ts', 'ungenerated/a.ts']],
      ['src/*.ts', ['src/a.ts'], ['src/x/a.ts', 'a.ts', 'src/a.tsx']],
      ['*.gen.{ts,js}', ['a.gen.ts', 'x/y/b.gen.js'], ['a.gen.tsx', 'agen.ts']],
      ['./dist/', ['dist/a.js'], ['src/dist/a.js']],
      ['a?c/[xy]*.ts', ['abc/x1.ts', 'a+c/y.ts'], ['a/c/x.ts', 'abc/z.ts']],
      ['**/*.test.ts', ['a.test.ts', 'x/y.test.ts'], ['a.tests.ts']],
      ['we[ird', ['we[ird/a.ts'], ['weird/a.ts']],
    ];
    for (const [glob, inside, outside] of cases) {
      const matches = matchesGlob(glob);
      for (const path of inside) assert.ok(matches(path), `${glob} ${path}`);
      for (const path of outside) assert.ok(!matches(path), `${glob} ${path}`);
    }
  });

  it('the entry, the root without what is excluded', () => {
    const filter = createFileFilter({
      roots: ['/w/app', '/real/app'],
      exclude: ['**/node_modules/**', 'vendor/**'],
      entries: ['/elsewhere/run.ts'],
    });
    const instrumented = ['/w/app/a.ts', '/real/app/x/b.ts', '/elsewhere/run.ts', '/w/app/..odd/a.ts'];
    const left = ['/w/app/node_modules/p/i.js', '/w/app/vendor/a.js', '/w/application/a.ts', '/elsewhere/other.ts', '/w/a.ts'];
    assert.deepEqual([...instrumented, ...left].filter(filter), instrumented);
  });

  it('an entry in a folder that is excluded by default, not one that a person excludes', () => {
    const entry = '/w/app/node_modules/p/bin.js';
    const isEntryTaken = (...exclude: string[]): boolean =>
      createFileFilter({ roots: ['/w/app', '/w/app'], exclude: ['**/node_modules/**', ...exclude], entries: [entry, entry] })(
        entry,
      );
    assert.ok(isEntryTaken('vendor/**'));
    assert.ok(!isEntryTaken('**/bin.js'));
    assert.ok(!isEntryTaken('node_modules/p/**'));
  });

  it('languages by extension; a script may have none', () => {
    assert.deepEqual(['a.ts', 'a.mts', 'a.tsx', 'a.jsx', 'a.mjs', 'a.d.ts', 'a.json', 'a'].map(languageOf), [
      'typescript',
      'typescript',
      'typescript',
      'typescript',
      'javascript',
      undefined,
      undefined,
      'javascript',
    ]);
  });
});
