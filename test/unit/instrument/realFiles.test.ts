import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import { FileTransformer } from '../../../src/instrument/transformFile.ts';
import { checkCommonjs } from '../../../src/instrument/compileCheck.ts';

const root = join(import.meta.dirname, '../../..');
/** Files whose probes would take longer than they teach. */
const maxLength = 1_500_000;

describe('files nobody prepared', () => {
  const transformer = new FileTransformer();

  function transformAll(pattern: string): { files: number; sites: number } {
    let files = 0;
    let sites = 0;
    for (const file of globSync(pattern, { cwd: root }).sort()) {
      const path = join(root, file);
      const source = readFileSync(path, 'utf8');
      if (source.length > maxLength) continue;
      const response = transformer.transform(
        { type: 'transform', requestId: 1, path, format: 'unknown', file: 1 as FileId, firstSite: 1 as SiteId, probes: true },
        source,
      );
      files++;
      if (response.type === 'left') {
        // Whatever is left alone must be something Node refuses as well.
        assert.notEqual(
          /\.[cm]?js$/.test(path) && !/\b(?:import|export)\b/.test(source) ? checkCommonjs(source, path) : response.reason,
          undefined,
          path,
        );
        continue;
      }
      assert.doesNotMatch(response.skipped ?? '', /did not fit/, `${path}: ${response.skipped}`);
      if (!response.needsSourceMap) assert.equal(response.code.split('\n').length, source.split('\n').length, path);
      sites += response.sites.length;
      response.sites.forEach((site, index) => assert.equal(site.id, index + 1, path));
    }
    return { files, sites };
  }

  for (const [pattern, leastFiles, leastSites] of [
    ['node_modules/mocha/lib/**/*.{js,cjs,mjs}', 50, 50],
    ['node_modules/playwright-core/lib/**/*.js', 5, 1000],
    ['node_modules/eslint/lib/**/*.js', 300, 100],
    ['node_modules/prettier/*.{cjs,mjs}', 3, 200],
    ['node_modules/@vscode/{vsce,test-electron}/out/**/*.js', 20, 200],
    ['src/**/*.ts', 60, 50],
    ['test/unit/**/*.ts', 20, 50],
  ] as const) {
    it(`compile with probes where they compile without: ${pattern}`, () => {
      const { files, sites } = transformAll(pattern);
      assert.ok(files >= leastFiles, `${files} files`);
      assert.ok(sites >= leastSites, `${sites} sites`);
    });
  }
});
