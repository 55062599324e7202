import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { TransformService } from '../../../src/run/transformService.ts';
import { buildRealDist, fixtures, makeFolder, nodes, removeFolder, runTraced } from './support.ts';

const programs = join(fixtures, 'programs');

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/** What a program did without the tracer. */
function runBare(nodePath: string, file: string, input: string): Promise<Outcome> {
  return new Promise((done, failed) => {
    const child = spawn(nodePath, [file], { cwd: programs, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('latin1').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', failed);
    child.on('close', (code, signal) => done({ stdout, stderr, code, signal }));
  });
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
 * line above the error, and another line of its own in the stack.
 */
function withoutLoaderLines(text: string): string {
  return text.replace(/^node:internal[^]*?\n\n/, '').replace(/(resolveSync \(node:[^:]*):\d+:\d+/g, '$1');
}

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

    const names = readdirSync(programs).filter((name) => existsSync(join(programs, name)) && extname(name) !== '');
    for (const name of names.filter((file) => !file.endsWith('.ts') || node.major >= 24)) {
      it(name, async () => {
        const entry = join(programs, name);
        const bare = await runBare(node.path, entry, input);
        const traced = await runTraced({
          entry,
          root: programs,
          cwd: programs,
          distDir: dist,
          nodePath: node.path,
          transforms,
          input,
        });
        assert.equal(withoutIds(traced.stdout), withoutIds(bare.stdout));
        const comparable = (text: string): string => {
          const plain = withoutIds(text);
          return name.endsWith('.ts') ? withoutLoaderLines(plain) : plain;
        };
        assert.equal(comparable(traced.stderr), comparable(bare.stderr));
        assert.deepEqual({ code: traced.result.code, signal: traced.result.signal }, { code: bare.code, signal: bare.signal });
        assert.equal(traced.result.cause, 'exited');
      });
    }
  });
}
