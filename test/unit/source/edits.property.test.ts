import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { LintResponse } from '../../../src/shared/lintMessages.ts';
import { LintService } from '../../../src/lint/lintService.ts';

const files = {
  'tsconfig.json':
    '{ "compilerOptions": { "strict": true, "module": "NodeNext", "allowImportingTsExtensions": true, "noEmit": true, "lib": ["ES2022"], "types": [] } }',
  'types.ts': `export interface Source { read(path: string): string; readonly size: number }
export interface Base { close(): void }
export interface Native { pull(): void }
export interface Nudged { nudge(): void }
`,
  'disk.ts': `import { readFileSync } from 'fs';
import type { Base, Source } from './types.ts';
export class Disk implements Source {
  path = 'x';
  read(path: string): string { return path + this.path; }
  get size(): number { return this.path.length; }
}
export class File implements Base { close(): void { this.sweep(); } sweep(): void { readFileSync('a'); } }
`,
  'cached.ts': `import { Disk } from './disk.ts';
export class Cached extends Disk {}
`,
  'deep.ts': `import { readFileSync } from 'fs';
import { Cached } from './cached.ts';
export class Deep extends Cached {
  override read(path: string): string { return readFileSync(path, 'utf8'); }
}
`,
  'memory.ts': `import { readFileSync } from 'fs';
import type { Nudged, Source } from './types.ts';
export class Memory implements Source {
  read(path: string): string { return readFileSync(path, 'utf8'); }
  get size(): number { return 1; }
}
export class Nudger implements Nudged { nudge(): void { readFileSync('n'); } }
`,
  'steps.ts': `import { readFileSync } from 'fs';
import type { Disk } from './disk.ts';
import type { Base, Native, Nudged, Source } from './types.ts';
export function each(names: string[], run: (name: string) => void): void { for (const name of names) run(name); }
export function onDone(name: string): void { readFileSync(name); }
export function load(path: string): string { return helper(path); }
function helper(path: string): string { return path.trim(); }
export function even(n: number): void { if (n > 0) odd(n - 1); }
export function odd(n: number): void { if (n > 0) even(n - 1); }
export const table = { load, direct: (path: string): string => readFileSync(path, 'utf8') };
export function sizeOf(source: Source): number { return source.size; }
export function readFrom(source: Source): string { return source.read('x'); }
export function readDisk(disk: Disk): string { return disk.read('x'); }
export function closeAll(base: Base): void { base.close(); }
export function pullFrom(native: Native): void { native.pull(); }
export function nudge(nudged: Nudged): void { nudged.nudge(); }
export const pick = (disk: Disk) => { return disk; };
export * from './more.ts';
`,
  'more.ts': `import { each, onDone } from './steps.ts';
export const start = (): void => { each(['a'], onDone); };
export function* lines(): Generator<string> { yield 'a'; }
export const later = (run: () => void): void => { run(); };
`,
  'use.ts': `import type { Disk } from './disk.ts';
import * as steps from './steps.ts';
import type { Base, Native, Nudged, Source } from './types.ts';
export async function handle(source: Source, disk: Disk, base: Base, native: Native, nudged: Nudged): Promise<number> {
  steps.readFrom(source);
  steps.readDisk(disk);
  steps.closeAll(base);
  steps.pullFrom(native);
  steps.nudge(nudged);
  steps.each(['p'], steps.onDone);
  steps.load('p');
  steps.even(3);
  steps.start();
  steps.table.load('p');
  for (const line of steps.lines()) steps.load(line);
  steps.later(() => { steps.load('p'); });
  steps.pick(disk).read('p');
  return steps.sizeOf(source);
}
`,
  'timers.ts': `import { onDone } from './steps.ts';
setTimeout(onDone, 1, 'x');
`,
} as const;
type Name = keyof typeof files;

/** Each is made and taken back. */
const edits: readonly (readonly [Name, string, string])[] = [
  ['disk.ts', 'return path + this.path;', 'return readFileSync(path, "utf8");'],
  ['disk.ts', 'return this.path.length', 'return readFileSync(this.path).length'],
  ['disk.ts', "{ readFileSync('a'); }", "{ void 'a'; }"],
  ['disk.ts', 'sweep(): void', 'async sweep(): Promise<void>'],
  ['disk.ts', 'implements Base', '/* of its own */'],
  ['cached.ts', 'extends Disk', '/* of its own */'],
  ['deep.ts', 'extends Cached', '/* of its own */'],
  ['memory.ts', 'implements Source', '/* of its own */'],
  ['memory.ts', 'nudge()', 'push()'],
  ['types.ts', 'pull(): void', '\n/** @blocking */ pull(): void'],
  ['types.ts', 'close(): void', 'close(): Promise<void>'],
  ['steps.ts', 'return path.trim()', "return readFileSync(path, 'utf8')"],
  ['steps.ts', 'if (n > 0) even(n - 1)', "readFileSync('odd'); even(n)"],
  ['steps.ts', 'of names) run(name)', 'of names) setTimeout(run, 1, name)'],
  ['steps.ts', 'export function load', '/** @nonblocking */ export function load'],
  ['steps.ts', 'table = { load,', 'table = { load: (path: string) => path,'],
  ['steps.ts', '{ return disk; }', '{ void disk; return disk; }'],
  ['steps.ts', '=> { return disk', "=> { readFileSync('pick'); return disk"],
  ['steps.ts', 'return disk; }', 'return { ...disk, read: (path: string) => path }; }'],
  ['more.ts', "each(['a'], onDone)", "each(['a'], (name) => onDone(name))"],
  ['more.ts', "yield 'a'", "yield require('fs').readFileSync('a', 'utf8')"],
  ['more.ts', '{ run(); }', '{ setTimeout(run, 1); }'],
  ['timers.ts', "setTimeout(onDone, 1, 'x')", "onDone('x')"],
  ['use.ts', 'source: Source', 'source: Disk'],
];

describe('whatever is edited in whatever order', () => {
  let folder: string;
  const write = (texts: Readonly<Record<Name, string>>): void => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  };
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'interleave-edits-')));
    write(files);
  });
  after(() => rmSync(folder, { recursive: true }));

  const names = Object.keys(files).filter((name): name is Name => name.endsWith('.ts'));
  const begin = (): LintService => {
    const service = new LintService();
    service.answer({ type: 'load', requestId: 1, paths: names.map((name) => join(folder, name)) });
    return service;
  };
  const check = (service: LintService, name: Name, text: string): LintResponse =>
    service.answer({ type: 'check', requestId: 1, path: join(folder, name), text });
  const checkAll = (service: LintService, texts: Readonly<Record<Name, string>>): LintResponse[] =>
    names.map((name) => check(service, name, texts[name]));
  /** What a service finds that sees the files for the first time. */
  const atFirst = (texts: Readonly<Record<Name, string>>): LintResponse[] => {
    write(texts);
    return checkAll(begin(), texts);
  };

  it('each edit, and its taking back, shows in all files', () => {
    const service = begin();
    const before = checkAll(service, files);
    for (const [name, from, to] of edits) {
      const text = files[name].replace(from, to);
      check(service, name, text);
      const texts = { ...files, [name]: text };
      assert.deepEqual(checkAll(service, texts), atFirst(texts), `${name}: ${to}`);
      check(service, name, files[name]);
      assert.deepEqual(checkAll(service, files), before, `${name}: ${from}`);
    }
  });

  it('what is found is what a first look would find', () => {
    const step = fc.record({ edit: fc.nat(edits.length - 1), looks: fc.array(fc.constantFrom(...names), { maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) => {
        const texts: Record<Name, string> = { ...files };
        const service = begin();
        checkAll(service, texts);
        for (const { edit, looks } of steps) {
          const [name, from, to] = edits[edit]!;
          texts[name] = texts[name].includes(to) ? texts[name].replace(to, from) : texts[name].replace(from, to);
          check(service, name, texts[name]);
          for (const look of looks) check(service, look, texts[look]);
        }
        assert.deepEqual(checkAll(service, texts), atFirst(texts));
      }),
      { numRuns: 30 },
    );
  });
});
