import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { sourceFileFacts } from './sourceImports.ts';

const root = resolve(import.meta.dirname, '../..');

/** What each bundle may still load when it runs, beyond Node's own modules; webview bundles may load nothing. */
const loads: Readonly<Record<string, readonly string[]>> = {
  'dist/extension.cjs': ['vscode'],
  'dist/cli.cjs': [],
  'dist/cli-main.cjs': [],
  'dist/instrument-worker.cjs': ['./ts-morph.cjs'],
  'dist/instrument.cjs': ['./ts-morph.cjs'],
  'dist/eslint.cjs': ['./ts-morph.cjs'],
  'dist/lint-worker.cjs': ['./ts-morph.cjs'],
  // Looked for and done without: its glob library uses it where it is there.
  'dist/ts-morph.cjs': ['source-map-support', 'perf_hooks', 'inspector', 'picomatch'],
  'dist/runtime/bootloader.cjs': ['internal/async_hooks'],
  'dist/runtime/virtualClock.cjs': [],
  'dist/runtime/loaderHooks.cjs': [],
  // Older Nodes do not know the prefix.
  'dist/runtime/follow.cjs': ['fs', 'module', 'path'],
  'dist/runtime/callExport.mjs': [],
  'dist/runtime/prelude.cjs': [],
  'dist/webview/timeline.js': [],
};

function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

describe('bundles in dist', () => {
  const built = globSync('dist/**/*.{js,cjs,mjs}', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

  it('are the ones that ship', () => assert.deepEqual(built, Object.keys(loads).sort(), 'run `npm run build` first'));

  for (const [path, allowed] of Object.entries(loads)) {
    it(`${path} loads nothing else`, () => {
      const { imports } = sourceFileFacts(path, readFileSync(resolve(root, path), 'utf8'));
      const forbidden = imports
        .map(({ specifier }) => specifier)
        .filter((specifier) => !allowed.includes(specifier))
        .filter((specifier) => {
          if (path.startsWith('dist/webview/')) return true;
          return path.startsWith('dist/runtime/') ? !specifier.startsWith('node:') : !isNodeModule(specifier);
        });
      assert.deepEqual([...new Set(forbidden)], []);
    });
  }

  it('keep TypeScript out of what is loaded on activation and in the target', () => {
    // TypeScript alone is ten times that.
    const large = built.filter((path) => statSync(resolve(root, path)).size > 1_000_000);
    assert.deepEqual(large, ['dist/ts-morph.cjs']);
  });
});
