import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { launchTarget } from '../../../src/run/launch.ts';
import { canReadThreads } from '../../../src/run/threadState.ts';
import type { HangRecord } from '../../../src/shared/traceRecords.ts';
import { nodes } from '../support/nodes.ts';
import { sleep } from './heldPrograms.ts';
import { askTarget, type Outcome, programIn, readChild, useRealBench, writeFiles } from './support.ts';

/** `turn` computes for a time in turns of a few milliseconds, then calls back; `end` tells what is left of the inspector. */
const turning = `
const inspector = require('node:inspector');
let sum = 0;
function compute(ms) {
  for (const from = Date.now(); Date.now() - from < ms; ) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
}
function turn(ms, done) {
  compute(3);
  if (ms > 0) setTimeout(turn, 1, ms - 4, done);
  else done();
}
const end = () => console.log('free', inspector.url(), process.debugPort);
`;

interface Asked extends Outcome {
  readonly told: readonly HangRecord[];
  /** How many the target was asked. */
  readonly questions: number;
}

interface Conduct {
  readonly nodePath?: string;
  readonly hangMs?: number;
  readonly conduct?: (pid: number, stdout: () => string, beQuiet: () => Promise<void>) => Promise<void>;
}

function isSent(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
const withoutPlaces = ({ stdout, stderr, code, signal }: Outcome): Outcome => ({
  stdout: stdout.replace(/ws:\S+/g, 'ws:PLACE'),
  stderr: stderr.replace(/ws:\S+/g, 'ws:PLACE'),
  code,
  signal,
});

for (const node of canReadThreads ? nodes : []) {
  describe(`the signal by which a target is asked, Node ${node.version}`, () => {
    const bench = useRealBench();

    /** Questions follow each other until it is told to be quiet. */
    async function runAsked(
      source: string,
      { nodePath = node.path, hangMs = 60_000, conduct = () => Promise.resolve() }: Conduct = {},
    ): Promise<Asked> {
      writeFiles(bench.folder, { 'program.cjs': source });
      const told: HangRecord[] = [];
      const handle = launchTarget(
        {
          ...programIn(bench, nodePath),
          hangMs,
          timeoutMs: 40_000,
        },
        { onTrace: () => {}, onHang: (samples) => void told.push(...samples) },
      );
      let stdout = '';
      let stderr = '';
      handle.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
      handle.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
      handle.stdin?.end();
      let asks = true;
      let questions = 0;
      const ask = async (): Promise<void> => {
        while (asks) {
          if (await askTarget(handle)) questions++;
          await sleep(2);
        }
      };
      const asking = ask();
      const beQuiet = (): Promise<void> => ((asks = false), asking);
      await conduct(handle.pid!, () => stdout, beQuiet);
      const { code, signal } = await handle.finished;
      await beQuiet();
      return { stdout, stderr, code, signal, told, questions };
    }

    async function runBare(
      source: string,
      conduct: (pid: number, stdout: () => string) => Promise<void> = () => Promise.resolve(),
    ): Promise<Outcome> {
      writeFiles(bench.folder, { 'program.cjs': source });
      const child = spawn(node.path, [join(bench.folder, 'program.cjs')], { cwd: bench.folder, stdio: 'pipe' });
      child.stdin.end();
      const { stdout, ended } = readChild(child);
      const [outcome] = await Promise.all([ended, conduct(child.pid!, stdout)]);
      return outcome;
    }

    it('says nothing in a loop that turns, however often it comes', async () => {
      const { stdout, stderr, code, questions } = await runAsked(`${turning} turn(800, end);`);
      assert.deepEqual([stdout, stderr, code], ['free undefined 9229\n', '', 0]);
      assert.ok(questions >= 5, `only ${questions} questions`);
    });

    it('says nothing where the program has a domain: Node would take it for a call in that', async () => {
      const { stdout, stderr, code, questions } = await runAsked(`${turning}
        require('node:domain').create().run(() => turn(800, end));`);
      assert.deepEqual([stdout, stderr, code], ['free undefined 9229\n', '', 0]);
      assert.ok(questions >= 5, `only ${questions} questions`);
    });

    it('says nothing when the program goes on after having been stopped', async () => {
      let stops = 0;
      const { stdout, stderr, code } = await runAsked(`${turning} turn(1000, end);`, {
        async conduct(pid) {
          await sleep(300);
          // It may end meanwhile.
          while (stops < 20 && isSent(pid, 'SIGSTOP')) {
            stops++;
            await sleep(5);
            isSent(pid, 'SIGCONT');
            await sleep(20);
          }
        },
      });
      assert.deepEqual([stdout, stderr, code], ['free undefined 9229\n', '', 0]);
      assert.ok(stops >= 3, `only ${stops} stops`);
    });

    it('is not sent while the program has no descriptor left, and is again later', async () => {
      const nodePath = join(bench.folder, 'few');
      writeFiles(bench.folder, { few: `#!/bin/sh\nulimit -n 128\nexec "${node.path}" "$@"\n` });
      chmodSync(nodePath, 0o755);
      const { stdout, stderr, code, told } = await runAsked(
        `${turning}
        const fs = require('node:fs');
        setTimeout(() => {
          const open = [];
          try {
            for (;;) open.push(fs.openSync(__filename));
          } catch {}
          compute(600);
          for (const file of open) fs.closeSync(file);
          setTimeout(function later() {
            compute(600);
            end();
          }, 10);
        }, 10);`,
        { nodePath, hangMs: 100 },
      );
      assert.deepEqual([stdout, stderr, code], ['free undefined 9229\n', '', 0]);
      assert.ok(told.some(({ stack }) => stack.some(({ name }) => name.includes('later'))));
    });

    it('leaves no inspector behind where the stack is full', async () => {
      const { stdout, stderr, code } = await runAsked(`${turning}
        function deep(n) {
          try {
            deep(n + 1);
          } catch {}
        }
        for (const from = Date.now(); Date.now() - from < 1000; ) deep(0);
        setTimeout(end, 100);`);
      assert.deepEqual([stdout, stderr, code], ['free undefined 9229\n', '', 0]);
    });

    if (node.major < 22)
      it('is not sent once the stack was deep: this Node would end without a word if it were again', async () => {
        const { stdout, stderr, code, told } = await runAsked(
          `${turning}
        (function deep() {
          try {
            deep();
          } catch {}
        })();
        setTimeout(() => {
          compute(2000);
          end();
        }, 10);`,
          { hangMs: 100 },
        );
        assert.deepEqual([stdout, stderr, code], ['free undefined 9229\n', '', 0]);
        assert.deepEqual(told, []);
      });

    it('does not reach what the process has become', async () => {
      const source = `${turning}
        if (process.execve === undefined) console.log('cannot');
        else {
          const next = 'const inspector = require("node:inspector");' + turn + compute + 'let sum = 0; turn(500, () => console.log("free", inspector.url()));';
          turn(300, () => process.execve(process.execPath, [process.execPath, '-e', next]));
        }`;
      const warning = (text: string): string => text.replace(/\(node:\d+\)/g, '(node)');
      const bare = await runBare(source);
      const { stdout, stderr, code } = await runAsked(source);
      assert.deepEqual([stdout, warning(stderr), code], [bare.stdout, warning(bare.stderr), bare.code]);
    });

    it('opens the inspector when it comes from elsewhere, each time', async () => {
      const source = `${turning}
        process.debugPort = 0;
        const rounds = (left) => {
          console.log('ready');
          const wait = () => {
            compute(3);
            if (inspector.url() === undefined) return setTimeout(wait, 1);
            console.log(inspector.url());
            // Node itself would open it once more in the same turn.
            setTimeout(close, 200, left);
          };
          wait();
        };
        const close = (left) => {
          inspector.close();
          if (left > 0) setTimeout(rounds, 20, left - 1);
        };
        turn(500, () => rounds(1));`;
      const conduct: Conduct['conduct'] = async (pid, stdout, beQuiet) => {
        for (const round of [1, 2]) {
          for (let waitedMs = 0; stdout().split('ready').length <= round && waitedMs < 10_000; waitedMs += 10) await sleep(10);
          await beQuiet();
          // One that comes in the same round of the loop as the answer to a question goes unnoticed.
          await sleep(100);
          process.kill(pid, 'SIGUSR1');
        }
      };
      const bare = withoutPlaces(await runBare(source, (pid, stdout) => conduct(pid, stdout, () => Promise.resolve())));
      assert.deepEqual(withoutPlaces(await runAsked(source, { conduct })), bare);
      assert.equal(bare.stderr.match(/Debugger listening/g)?.length, 2);
    });
  });
}
