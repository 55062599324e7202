import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import fc from 'fast-check';
import { FileTransformer } from '../../../src/instrument/transformFile.ts';
import { createFunctionTexts } from '../../../src/runtime/texts/functionTexts.ts';
import { InsertedText } from '../../../src/runtime/texts/insertedText.ts';
import type { FileId, SiteId } from '../../../src/shared/ids.ts';
import { functionTextNodes } from '../../../src/source/sites/functionTextNodes.ts';
import { parseSource } from '../../../src/source/parseSource.ts';
import { randomProgram } from '../instrument/randomPrograms.ts';

const root = join(import.meta.dirname, '../../..');
const firstSite = 17;
/** What the loader puts at the end of a text. */
const ending = '\n//# sourceMappingURL=about:blank';
const transformer = new FileTransformer();

/**
 * Looks up the text of every function in the instrumented text, as V8 would give it, and compares with the function of the same rank in
 * the bare text. Returns how many held probes; undefined where the file is not one that insertions alone make.
 */
function checkFile(path: string, source: string): number | undefined {
  const transform = (probes: boolean): ReturnType<FileTransformer['transform']> =>
    transformer.transform(
      { type: 'transform', requestId: 1, path, format: 'unknown', file: 1 as FileId, firstSite: firstSite as SiteId, probes },
      source,
    );
  const response = transform(true);
  if (response.type === 'left' || response.columns === undefined || response.sites.length === 0) return undefined;
  const plain = transform(false);
  assert.ok(plain.type === 'transformed');

  const code = response.code + ending;
  const inserted = new InsertedText(code, response.columns);
  const texts = createFunctionTexts();
  // Files before and after, in whose ranges nothing is found.
  for (const other of [1, firstSite + response.sites.length])
    texts.add(other, 'other', 5, () => assert.fail('asked the wrong file'));
  texts.add(firstSite, code, response.code.length, (start, end) => inserted.originalSlice(start, end));

  const nodesOf = (text: string): readonly { readonly text: string; readonly start: number }[] => {
    const parsed = parseSource(path.replace(/\.[cm]?tsx?$/, '.js'), text, { asModule: true });
    const nodes = functionTextNodes(parsed.sourceFile, '__il_');
    return nodes.map(({ start, end }) => ({ text: text.slice(start, Math.min(end, text.length)), start }));
  };
  const bare = nodesOf(plain.code);
  const probed = nodesOf(response.code);
  assert.equal(probed.length, bare.length, path);
  let held = 0;
  probed.forEach(({ text, start }, i) => {
    const expected = bare[i] as { text: string; start: number };
    assert.equal(inserted.originalOffset(start), expected.start, `${path}: ${text.slice(0, 200)}`);
    if (text.includes('__il_')) {
      held++;
      assert.equal(texts.bareText(text), expected.text, path);
    } else assert.equal(text, expected.text, path);
  });

  const originalLines = plain.code.split(/\r\n|[\n\r\u2028\u2029]/);
  response.code.split(/\r\n|[\n\r\u2028\u2029]/).forEach((line, i) => {
    assert.equal(inserted.originalLine(i + 1, line), originalLines[i], `${path}:${i + 1}`);
  });
  const wrap = (text: string): string => `function (exports, require) {\n${text}\n}`;
  assert.equal(texts.bareText(wrap(code)), wrap(plain.code), path);
  return held;
}

describe('the text of a function without its probes', () => {
  it('is that of the source, for every function of a random program', () => {
    let held = 0;
    fc.assert(
      fc.property(
        fc.array(randomProgram, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('\n', '\r\n', '\r', '\u2028'),
        (programs, lineEnd) => {
          const text = programs.map((program, i) => `async function f${i}(log, h) {\n${program.text}}\n`).join('');
          const program = text.replaceAll('\n', lineEnd);
          fc.pre(compiles(program));
          held += checkFile('/p/program.cjs', program) ?? 0;
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
    // How many there are is chance.
    assert.ok(held > 300, `${held} functions with probes`);
  });

  for (const [pattern, least] of [
    ['node_modules/mocha/lib/**/*.{js,cjs,mjs}', 20],
    ['node_modules/eslint/lib/**/*.js', 50],
    ['node_modules/prettier/*.{cjs,mjs}', 100],
    ['src/**/*.ts', 30],
    ['test/unit/**/*.ts', 100],
    ['test/fixtures/run/programs/**/*.{cjs,mjs,ts}', 50],
  ] as const) {
    it(`is that of the source: ${pattern}`, () => {
      let held = 0;
      for (const file of globSync(pattern, { cwd: root }).sort()) {
        const source = readFileSync(join(root, file), 'utf8');
        if (source.length < 1_000_000) held += checkFile(join(root, file), source) ?? 0;
      }
      assert.ok(held >= least, `${held} functions with probes`);
    });
  }

  it('is not known for what looks like an instrumented function', () => {
    const texts = createFunctionTexts();
    const code = 'async () => {__il_e(3);}';
    texts.add(3, code, code.length, () => 'async () => {}');
    assert.equal(texts.bareText(code), 'async () => {}');
    for (const text of [
      '() => __il_e(3)',
      '__il_e(2)',
      '__il_e(99999999999)',
      '__il_',
      `${code};`,
      `x${code}`,
      `function () {${code}}`,
    ])
      assert.equal(texts.bareText(text), undefined, text);
    assert.equal(texts.bareText(`function (a) {\n${code}\n}`), 'function (a) {\nasync () => {}\n}');
  });

  it('finds functions by the first number after a name of ours, whatever the probe is called', () => {
    const texts = createFunctionTexts();
    const code = 'f(()=>{const __il_z=__il_i(12);try{g(__il_b(__il_z, 13,(x)=>{__il_j(14)}))}finally{__il_j(__il_z)}})';
    texts.add(12, code, code.length, (start, end) => code.slice(start, end).toUpperCase());
    assert.equal(texts.bareText('(x)=>{__il_j(14)}'), '(X)=>{__IL_J(14)}');
    assert.equal(texts.bareText(code.slice(2, -1)), code.slice(2, -1).toUpperCase());
  });

  it('stands for the function in a message that quotes it', () => {
    const texts = createFunctionTexts();
    const code = 'g(async()=>{__il_e(5);1},2)';
    const inserted = new InsertedText(code, [1, 12, 10]);
    texts.add(5, code, code.length, (start, end) => inserted.originalSlice(start, end));
    assert.equal(
      texts.mendQuotes('Class extends value async()=>{__il_e(5);1} is no constructor'),
      'Class extends value async()=>{1} is no constructor',
    );
    assert.equal(texts.mendQuotes('async()=>{__il_e(5)...<omitted>...1}'), 'async()=>{...<omitted>...1}');
    assert.equal(texts.mendQuotes('another __il_e(6)'), 'another __il_e(6)');
  });
});

function compiles(text: string): boolean {
  try {
    new Script(text);
    return true;
  } catch {
    return false;
  }
}
