import assert from 'node:assert/strict';
import { join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import { blockingApis, type BlockingApi } from '../../../src/source/blocking/blockingCatalogue.ts';

/** No types are to be had there: module specifiers alone decide. */
const path = join(import.meta.dirname, '../../fixtures/lint/untyped/every-api.js');

/** Calls whose results block. */
const makers = /^pkg:(?:prompt-sync|synckit|make-synchronous|cosmiconfig)\b/;
/** Loading a module is start-up work wherever it stands. */
const neverReported: ReadonlySet<string> = new Set(['global.require']);
/** Objects that their modules hand out in ways of their own. */
const instances: Readonly<Record<string, string>> = {
  'Statement.prototype': `new api().prepare('q')`,
  'Database.prototype': 'new api()',
  'StatementSync.prototype': `new api.DatabaseSync('f').prepare('q')`,
};

function argumentsOf({ id, detect, blocksWhen }: BlockingApi): string {
  if (detect === 'call-with-number-first-argument') return '2048';
  return blocksWhen === 'conditional' && id.startsWith('pkg:tar.') ? `{ file: 'x', sync: true }` : '';
}

/** A line that calls an entry of the catalogue. */
function callOf(api: BlockingApi): string {
  const args = argumentsOf(api);
  const [specifier] = api.specifiers;
  const load = specifier === undefined ? '' : `const api = require('${specifier}'); `;
  const method = api.export.lastIndexOf('.prototype.');
  if (method >= 0) {
    const owner = api.export.slice(0, method + '.prototype'.length);
    const object = instances[owner] ?? `new api.${api.export.slice(0, method)}()`;
    return `${load}${object}.${api.export.slice(method + '.prototype.'.length)}(${args});`;
  }
  const name = api.export === '()' ? 'api' : specifier === undefined ? api.export : `api.${api.export}`;
  if (api.detect === 'tagged-template') return `${load}${name}\`ls\`;`;
  if (api.detect === 'new') return `${load}new ${name}(${args});`;
  return `${load}${name}(${args})${makers.test(api.id) ? `('x')` : ''};`;
}

describe('every entry of the catalogue', () => {
  const service = new LintService();
  const entries = blockingApis.filter(({ id, export: name }) => !neverReported.has(id) && name !== '*');

  /** The numbers of the entries that are reported. */
  function reported(lines: readonly string[]): ReadonlySet<number> {
    const text = lines.map((line) => `async function f() { ${line} }`).join('\n');
    const response = service.answer({ type: 'check', requestId: 1, path, text });
    assert.equal(response.type, 'findings');
    return new Set(response.findings.map(({ line }) => line - 1));
  }

  it('is reported where it is called', () => {
    const found = reported(entries.map(callOf));
    assert.deepEqual(
      entries.filter((_, index) => !found.has(index)).map((api) => `${api.id}: ${callOf(api)}`),
      [],
    );
  });

  it('is not where it has the callback that makes it asynchronous', () => {
    const withCallback = entries.filter(({ detect }) => detect === 'call-without-callback');
    assert.ok(withCallback.length >= 8);
    const found = reported(
      withCallback.map((api) => {
        const place = api.callbackIndex?.[0] ?? 0;
        const args = [...Array.from({ length: place }, (_, index) => String(index)), '(error) => undefined'].join(', ');
        return callOf(api).replace('();', `(${args});`);
      }),
    );
    assert.deepEqual(
      withCallback.filter((_, index) => found.has(index)).map(({ id }) => id),
      [],
    );
  });

  it('is not where the name is somebody’s own', () => {
    const found = reported(
      entries
        .map((api) => callOf(api).replace(/require\('[^']+'\)/, 'made()'))
        .map((line) => `const Atomics = make(), WebAssembly = make(), process = make(); ${line}`),
    );
    const global = entries.filter(
      ({ origin, export: name }) => origin === 'global' && !/^(?:Atomics|WebAssembly|process)\b/.test(name),
    );
    assert.deepEqual(
      entries.filter((api, index) => found.has(index) && !global.includes(api)).map(({ id }) => id),
      [],
    );
  });
});
