import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LintService } from '../../../src/lint/lintService.ts';
import type { AwaitPointInfo, FileOutline } from '../../../src/shared/lintMessages.ts';

const folder = join(import.meta.dirname, '../../fixtures/lintPlaces');
const places = join(folder, 'places.ts');
const text = readFileSync(places, 'utf8');

describe('await points', () => {
  const service = new LintService();

  /** The await point at the `¦` put into a piece of the file's text. */
  function at(marked: string): AwaitPointInfo | undefined {
    const offset = text.indexOf(marked.replace('¦', ''));
    assert.ok(offset >= 0, marked);
    const before = text.slice(0, offset + marked.indexOf('¦')).split('\n');
    const response = service.answer({
      type: 'awaitPoint',
      requestId: 1,
      path: places,
      line: before.length,
      column: before.at(-1)!.length + 1,
    });
    assert.equal(response.type, 'awaitPoint');
    return response.info;
  }

  it('tell operand, result, function and what the caller gets', () => {
    assert.deepEqual(at("¦await readFile(path, 'utf8');\n  await"), {
      kind: 'await',
      line: 8,
      column: 16,
      endLine: 8,
      endColumn: 44,
      expression: "readFile(path, 'utf8')",
      operandType: 'Promise<string>',
      resultType: 'string',
      functionName: 'loadUser',
      callerGets: 'Promise<User>',
      neverSuspendsLong: false,
    });
  });

  it('are hit from the keyword to the end of the function called', () => {
    for (const marked of [
      "aw¦ait readFile(path, 'utf8');\n  await",
      "await¦ readFile(path, 'utf8');\n  await",
      "await readF¦ile(path, 'utf8');\n  await",
    ]) {
      assert.equal(at(marked)?.line, 8, marked);
    }
    assert.equal(at("await readFile(pa¦th, 'utf8');\n  await"), undefined);
    assert.equal(at("const te¦xt = await readFile(path, 'utf8');\n  await"), undefined);
  });

  it('say where only a microtask is lost', () => {
    const info = at('await re¦tries;');
    assert.equal(info?.operandType, 'number');
    assert.equal(info?.neverSuspendsLong, true);
    assert.equal(at('(await Promise.a¦ll(')?.neverSuspendsLong, false);
  });

  it('are found in loops, generators and disposals', () => {
    const summary = (info: AwaitPointInfo | undefined): string =>
      [info?.kind, info?.expression, info?.operandType, info?.resultType, info?.functionName, info?.callerGets].join(' | ');
    assert.deepEqual(
      [
        '¦for await (const line',
        'paths)) aw¦ait use(line)',
        'const more = yi¦eld',
        'yield aw¦ait readFile',
        'yie¦ld*',
        'aw¦ait using',
        'aw¦ait this.#lock',
        'aw¦ait new Promise',
      ].map((marked) => summary(at(marked))),
      [
        'for-await | readLines(paths) | AsyncGenerator<string, void, boolean> | string | countAll | Promise<void>',
        'await | use(line) | Promise<number> | number | countAll | Promise<void>',
        "yield | await readFile(path, 'utf8') | string | boolean | readLines | AsyncGenerator<string, void, boolean>",
        "await | readFile(path, 'utf8') | Promise<string> | string | readLines | AsyncGenerator<string, void, boolean>",
        'yield-star | readLines([]) | AsyncGenerator<string, void, boolean> | void | readLines | AsyncGenerator<string, void, boolean>',
        'await-using | await this.#lock() | AsyncDisposable |  | Store.save | Promise<void>',
        'await | this.#lock() | Promise<AsyncDisposable> | AsyncDisposable | Store.save | Promise<void>',
        'await | new Promise((resolve) => setTimeout(resolve, user.id)) | Promise<unknown> | unknown | Store.save | Promise<void>',
      ],
    );
  });

  it('at the top level of a module have no function; types that say nothing are left out, long ones cut', () => {
    const info = at('aw¦ait anything.call()');
    assert.deepEqual(
      [info?.operandType, info?.resultType, info?.functionName, info?.callerGets],
      [undefined, undefined, undefined, undefined],
    );
    const long = at('aw¦ait Promise.resolve({ very');
    assert.equal(long?.expression.length, 80);
    assert.equal(long?.resultType?.length, 120);
  });

  it('are undefined beyond the end of the file', () => {
    const response = service.answer({ type: 'awaitPoint', requestId: 1, path: places, line: 5000, column: 1 });
    assert.deepEqual(response, { type: 'awaitPoint', requestId: 1, info: undefined });
  });
});

describe('outlines', () => {
  const service = new LintService();

  function outline(path: string): FileOutline {
    const response = service.answer({ type: 'outline', requestId: 1, path });
    assert.equal(response.type, 'outline');
    return response.outline;
  }
  const lines = ({ functions }: FileOutline): string[] =>
    functions.map(({ name, line, endLine, generator, exportName, parameters }) => {
      const list = parameters.map((one) => `${one.name}${one.optional ? '?' : ''}: ${one.type}`).join(', ');
      return `${line}-${endLine} ${generator ? '*' : ''}${name}(${list})${exportName === undefined ? '' : ` as ${exportName}`}`;
    });

  it('list the async functions with a name, how they are exported and what they take', () => {
    const found = outline(places);
    assert.deepEqual(lines(found), [
      '7-11 loadUser(path: string, retries?: number) as loadUser',
      '13-15 nextUser() as following',
      '18-20 countAll(...paths?: string[]) as countAll',
      '22-28 *readLines(paths: readonly string[]) as readLines',
      '31-35 Store.save(user: User, options?: { readonly now: boolean; } | undefined)',
      '36-38 Store.#lock()',
      '37-37 [Symbol.asyncDispose]()',
      '39-39 Store.field(text: string)',
    ]);
    assert.equal(found.topLevelAwaitLine, 45);
  });

  it('know the exports of CommonJS', () => {
    const found = outline(join(folder, 'exports.cjs'));
    assert.deepEqual(lines(found), [
      '1-3 load(path: any) as load',
      '4-4 hidden()',
      '5-5 other() as other',
      '6-8 *third(a: any, b?: number) as third',
    ]);
    assert.equal(found.topLevelAwaitLine, undefined);
  });
});
