import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import type { Site } from '../../../src/shared/site.ts';
import { FileTransformer } from '../../../src/instrument/transformFile.ts';

const folder = join(import.meta.dirname, '../../golden/instrument');
/** `UPDATE_GOLDEN=1` writes what is made instead of comparing it. */
const update = process.env['UPDATE_GOLDEN'] === '1';
const rule = '\n────────\n';

/** Each file holds a source and, under a rule, the text made of it and its sites; the file's name tells the language. */
describe('instrumented text', () => {
  const transformer = new FileTransformer();
  for (const file of readdirSync(folder)) {
    const name = file.replace(/\.txt$/, '');
    it(name, () => {
      const [source = '', ...expected] = readFileSync(join(folder, file), 'utf8').split(rule);
      const text = source.replace(/\n$/, '');
      const made = `${text}${rule}${instrumented(join('/nowhere', name), text)}\n`;
      if (update) writeFileSync(join(folder, file), made);
      else assert.equal([source, ...expected].join(rule), made);
    });
  }

  function instrumented(path: string, source: string): string {
    const response = transformer.transform(
      {
        type: 'transform',
        requestId: 1,
        path,
        format: 'unknown',
        file: 1 as FileId,
        firstSite: 1 as SiteId,
        probes: true,
        source,
      },
      source,
    );
    if (response.type === 'left') return `left: ${response.reason}`;
    const { code, sites, skipped } = response;
    const lines = code.split('\n').length;
    assert.equal(lines, source.split('\n').length);
    return [code, ...(skipped === undefined ? [] : [`skipped: ${skipped}`]), sites.map(describeSite).join('\n')].join(rule);
  }
});

function describeSite(site: Site): string {
  const extra = [
    site.owner === 0 ? '' : `in ${site.owner}`,
    site.hint === undefined ? '' : `waits for ${site.hint}`,
    site.callees === undefined ? '' : `calls ${site.callees.join(', ')}`,
    site.blockingKind ?? '',
  ].filter(Boolean);
  const place = `${site.line}:${site.column}-${site.endLine}:${site.endColumn}`;
  return `${site.id} ${site.kind} ${place} «${site.name}»${extra.length > 0 ? ` ${extra.join('; ')}` : ''}`;
}
