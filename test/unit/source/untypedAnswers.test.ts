import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ProjectStore, type LoadedFile } from '../../../src/source/project/project.ts';
import { projectMembers } from '../../../src/source/project/projectMembers.ts';
import { callsNoPromise, isPromiseType, isUnknownType } from '../../../src/source/promises/promiseTypes.ts';
import { returnsPromise } from '../../../src/source/context/returnsPromise.ts';
import { ts } from '../../../src/source/typescript.ts';

const root = resolve(import.meta.dirname, '../../..').replaceAll('\\', '/');

/** What every function and call of a few larger files is to the types, against the answer that does without. */
describe('answers that need no types', () => {
  const store = new ProjectStore();
  const names = [
    'src/run/lintClient.ts',
    'src/lint/lintPaths.ts',
    'src/source/symbols/symbolResolver.ts',
    'src/cli/lintCommand.ts',
  ];
  before(() => store.announce(names.map((name) => `${root}/${name}`)));

  function everyNode(file: LoadedFile, see: (node: ts.Node) => void): void {
    const visit = (node: ts.Node): void => {
      see(node);
      ts.forEachChild(node, visit);
    };
    visit(file.sourceFile);
  }

  function check(file: LoadedFile): { readonly functions: number; readonly calls: number } {
    const { checker } = file;
    let functions = 0;
    let calls = 0;
    everyNode(file, (node) => {
      if (ts.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).body) {
        const one = node as ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };
        if (!ts.isConstructorDeclaration(one) && !one.asteriskToken) {
          assert.equal(returnsPromise(one, checker), returnsByTypes(one, checker), one.getText());
          functions++;
        }
      }
      if (ts.isCallExpression(node) && callsNoPromise(node, checker)) {
        const type = checker.getTypeAtLocation(node);
        assert.equal(isUnknownType(type) || isPromiseType(type, checker), false, node.getText());
        calls++;
      }
    });
    return { functions, calls };
  }

  function returnsByTypes(node: ts.FunctionLikeDeclaration, checker: ts.TypeChecker): boolean {
    const type = checker.getReturnTypeOfSignature(checker.getSignatureFromDeclaration(node)!);
    const parts = type.isUnion() ? type.types : [type];
    return parts.some((part) => /^(?:Promise|PromiseLike|Thenable)$/.test(part.getSymbol()?.name ?? ''));
  }

  it('are those that the types give, for the functions and calls of this project', () => {
    for (const name of names) {
      const { functions, calls } = check(store.load(`${root}/${name}`));
      assert.ok(functions >= 3 && calls >= 5, `${name}: ${functions} functions, ${calls} calls`);
    }
  });

  it('are those that the types give, for each form of a function and a call', () => {
    const text = `
      declare const some: boolean, later: Promise<string>, list: readonly number[], any: any;
      declare function pick(name: string): number;
      declare function pick(name: number): Promise<number>;
      declare function count(name: string): number;
      declare function count(name: number): string | undefined;
      declare function same<T>(value: T): T;
      declare function listed<T>(value: T): T[];
      declare function mapped<T>(value: T): { [K in keyof T]: T[K] };
      declare function either<T>(value: T): T | Promise<T>;
      export const functions = [
        () => {}, () => { return; }, () => { if (some) return later; }, () => { const inner = () => later; void inner; },
        () => some ? 1 : later, () => some ? 1 : 'two', () => (later), () => some && later, () => some || later, () => !later,
        () => ({ later }), () => [later], () => later as unknown, () => any, () => later.then(), () => same(later), () => new Date(),
        () => { for (const one of list) { if (one) { return one + 1; } } return 'none'; },
        () => { try { return later; } finally { pick('x'); } }, () => { switch (1 as number) { case 1: return later; } },
        function () { return function () { return later; }; }, (): string | Promise<string> => later, (): object => later, () => \`\${some}\`,
        (): Promise<string> => later, () => { let last; return (last = later); }, () => { let last; return (last = 1); },
      ];
      export class Holder {
        get value() { return {} as never; }
        set value(to: Promise<number>) { void to; }
        get plain() { return 1; }
        method() { return this.value; }
        static other = () => later;
      }
      export function all() {
        pick('a'); pick(1); count('a'); count(1); same(1); same(later); listed(later); mapped(later); either(1); any(); any.thing();
        list.map((one) => pick(one)); [later].map((one) => one); list.reduce((sum, one) => sum + one, 0); later.then(() => 1);
        [later].reduce((one) => one); [later].find(Boolean); (some ? count : pick)('a'); Object.assign(later, {}); list?.forEach(() => later);
      }`;
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-types-'))).replaceAll('\\', '/');
    try {
      const { functions, calls } = check(new ProjectStore().load(`${folder}/forms.ts`, text));
      assert.ok(functions >= 30, String(functions));
      assert.ok(calls >= 7, String(calls));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('name every function that a member may be', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-names-'))).replaceAll('\\', '/');
    try {
      writeFileSync(
        `${folder}/names.ts`,
        "export const closing = 'close';\nexport const events = { open: 'opened' } as const;\n",
      );
      writeFileSync(`${folder}/described.d.ts`, 'export interface Slow {\n  /** @blocking cpu */\n  grind(): void;\n}\n');
      const text = `
        import { closing, events } from './names.ts';
        import type { Slow } from './described.d.ts';
        export class Box { method() {} field = () => {}; value = 1; #own() { this.#own(); } ['quoted']() {} [closing]() {} *[Symbol.iterator]() {} }
        export const object = { made: () => {}, plain: 1, [events.open]: function () {} };
        export function topLevel() { function inner() {} return inner; }
        export namespace Space { export const within = () => {}; }
        export default function named() {}
        export declare const slow: Slow;`;
      const { program, checker } = new ProjectStore().load(`${folder}/main.ts`, text);
      const members = projectMembers(program, checker);
      const own = [
        'method',
        'field',
        '#own',
        'quoted',
        'close',
        'opened',
        'made',
        'topLevel',
        'within',
        'named',
        'default',
        'grind',
      ];
      assert.deepEqual(
        own.filter((name) => !members.mayBeOwn(name)),
        [],
      );
      assert.deepEqual(
        ['value', 'plain', 'inner', 'trim', 'closing', 'events'].filter((name) => members.mayBeOwn(name)),
        [],
      );
      assert.equal(members.hasSymbolMember(/^Symbol\.iterator$/), true);
      assert.equal(members.hasSymbolMember(/^Symbol\.(?:asyncD|d)ispose$/), false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
