import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { TransformService } from '../../../src/run/transformService.ts';
import { nodes } from '../support/nodes.ts';
import { buildRealDist, fixtures, makeFolder, type Outcome, readChild, removeFolder, runTraced } from './support.ts';

const programs = join(fixtures, 'programs');
const preloads = join(fixtures, 'preloads');

/** What a program did without the tracer. */
function runBare(nodePath: string, file: string, input: string): Promise<Outcome> {
  const child = spawn(nodePath, [file], { cwd: dirname(file), stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return readChild(child).ended;
}

/** Process ids and addresses differ between any two runs. */
function withoutIds(text: string): string {
  return text
    .replace(/\(node:\d+\)/g, '(node:PID)')
    .replace(/0x[0-9a-f]+/g, '0xADDRESS')
    .replace(/node\[\d+\]/g, 'node[PID]')
    .replace(/^ ?\d+: 0xADDRESS.*$/gm, 'frame');
}

/**
 * While a TypeScript program runs, imports go through a hook of ours: of an import that is found nowhere, Node then prints another source
 * line above the error, and other lines of its own in the stack.
 */
function withoutLoaderLines(text: string): string {
  return text
    .replace(/^node:internal[^]*?\n\n/, '')
    .replace(/^ +at (?:#resolveAndMaybeBlockOnLoaderThread|ModuleLoader\.resolveSync) .*\n/gm, '')
    .replace(/(ModuleLoader\.resolve \(node:[^:]*):\d+:\d+/g, '$1');
}

/** How often a program whose two runs differ is run in all. */
const attempts = 4;

const input = 'one line\nand another, ä\n';

for (const node of nodes) {
  describe(`the traced program is the program, Node ${node.version}`, () => {
    let dist: string;
    let transforms: TransformService;
    before(async () => {
      dist = makeFolder();
      await buildRealDist(dist);
      transforms = new TransformService({ workerPath: join(dist, 'instrument-worker.cjs') });
    });
    after(async () => {
      await transforms.dispose();
      removeFolder(dist);
    });

    async function compare(folder: string, name: string): Promise<void> {
      const entry = join(folder, name);
      const comparable = (text: string): string => {
        const plain = withoutIds(text);
        return name.endsWith('.ts') ? withoutLoaderLines(plain) : plain;
      };
      const runBoth = async (): Promise<{ bare: object; traced: object }> => {
        const bare = await runBare(node.path, entry, input);
        const traced = await runTraced({
          entry,
          root: folder,
          cwd: folder,
          distDir: dist,
          nodePath: node.path,
          transforms,
          input,
        });
        const { cause, code, signal } = traced.result;
        return {
          bare: { ...bare, cause: 'exited', stdout: withoutIds(bare.stdout), stderr: comparable(bare.stderr) },
          traced: { stdout: withoutIds(traced.stdout), stderr: comparable(traced.stderr), cause, code, signal },
        };
      };
      let both = await runBoth();
      // Threads and processes race even in the bare program; what always differs is ours.
      for (let left = attempts - 1; left > 0 && !isDeepStrictEqual(both.traced, both.bare); left--) both = await runBoth();
      assert.deepEqual(both.traced, both.bare);
    }

    const names = readdirSync(programs).filter((name) => existsSync(join(programs, name)) && extname(name) !== '');
    for (const name of names.filter((file) => !file.endsWith('.ts') || node.typescript)) it(name, () => compare(programs, name));

    it('under hooks that NODE_OPTIONS loads before the tracer', async () => {
      const { NODE_OPTIONS } = process.env;
      process.env['NODE_OPTIONS'] = `--require ${join(preloads, 'hooks.cjs')}`;
      try {
        await compare(preloads, 'program.cjs');
      } finally {
        if (NODE_OPTIONS === undefined) delete process.env['NODE_OPTIONS'];
        else process.env['NODE_OPTIONS'] = NODE_OPTIONS;
      }
    });
  });
}
