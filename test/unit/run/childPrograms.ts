/** Programs that start Node in every way there is. Each prints what came back; `run` starts a process and prints its output and end. */
const run = `
const cp = require('node:child_process');
const run = (file, args, options = {}) => new Promise((done) => {
  const child = cp.spawn(file, args, options);
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (err += text));
  child.on('error', (error) => { console.log(error.code, error.message, error.spawnargs); done(); });
  child.on('close', (code, signal) => {
    console.log(child.spawnfile, child.spawnargs, code, signal, '\\n' + out + err);
    done();
  });
});
const withBin = { ...process.env, PATH: __dirname + ':' + process.env.PATH };
`;

export interface ChildProgram {
  readonly name: string;
  readonly text: string;
  /** Processes that come to the trace. */
  readonly processes: number;
  /** Tasks that are surely among theirs; none where they only run code from the command line. */
  readonly tasks: readonly string[];
}

const program = (name: string, processes: number, body: string, tasks: readonly string[] = ['steps']): ChildProgram => ({
  name,
  processes,
  text: `${run}\n(async () => {\n${body}\n})();\n`,
  tasks,
});

export const childPrograms: readonly ChildProgram[] = [
  program(
    'spawn',
    4,
    `await run(process.execPath, ['view.cjs', 'a b', '--require']);
     await run('node', ['--no-warnings', '--stack-trace-limit=5', 'view.cjs']);
     await run(process.execPath, ['view.cjs'], { argv0: 'other', cwd: __dirname });
     await run(process.execPath, ['view.cjs'], { env: { PATH: process.env.PATH, NODE_OPTIONS: '--trace-uncaught', A: '1' } });`,
  ),
  program(
    'spawnSync, execFileSync, execSync',
    4,
    `const done = cp.spawnSync(process.execPath, ['view.cjs'], { encoding: 'utf8' });
     console.log(done.status, done.signal, done.stdout, done.stderr);
     console.log(cp.execFileSync('./viewer', ['x'], { encoding: 'utf8' }));
     console.log(cp.execSync('node view.cjs', { encoding: 'utf8' }));
     cp.spawnSync(process.execPath, ['view.cjs'], { stdio: 'inherit' });
     console.log(cp.spawnSync('./none').error.message);`,
  ),
  program(
    'scripts that name Node in their first line',
    3,
    `await run('./viewer', ['x', '--y']);
     await run('viewer', ['x'], { env: withBin });
     await run('./flagged', ['x']);
     await run('./view.cjs', []);`,
  ),
  program(
    'shells',
    6,
    `await run('sh', ['-c', 'node view.cjs "$0"; echo node $PATH; viewer 1; A=1 exec node -p 1', 'zero'], { env: withBin });
     await run(\`"\${process.execPath}" view.cjs 2>&1 | cat; ! node endings.cjs code; echo $?; unknown-command\`, [], { shell: true });
     await run('"$NODE" endings.cjs code || echo $(node -p 2)', [], { shell: true, env: { ...process.env, NODE: process.execPath } });
     await run('sh', ['-c', 'env | sort; case node in node) echo node;; esac']);
     await run('sh', ['-xc', 'echo node']);`,
  ),
  program(
    'code on the command line',
    5,
    `await run(process.execPath, ['-e', 'console.log(process.argv, process.execArgv, module.id)', 'x']);
     await run(process.execPath, ['-p', '[process.argv.length]']);
     await run(process.execPath, ['--input-type=module', '-e', 'import "node:fs"; console.log(await 1)']);
     await run(process.execPath, ['-'], { stdio: ['ignore', 'pipe', 'pipe'] });
     await run(process.execPath, ['--version']);
     await run(process.execPath, ['--no-such-flag', 'view.cjs']);
     await run(process.execPath, ['nothing.cjs']);`,
    [],
  ),
  program(
    'fork and messages',
    1,
    `const child = cp.fork('worker.cjs', ['a'], { execArgv: ['--no-warnings'] });
     child.on('message', (message) => { console.log(message); child.send('end'); });
     child.send({ n: [1, 2] });
     await new Promise((done) => child.on('exit', (code, signal) => done(console.log(code, signal, child.spawnargs))));`,
    ['answer'],
  ),
  program(
    'ends of all sorts',
    8,
    `for (const how of ['code', 'exitCode', 'throws', 'rejects', 'killed', 'terminated', 'aborted', 'handles'])
       await run(process.execPath, ['endings.cjs', how]);`,
    ['end'],
  ),
  program(
    'children that are killed',
    1,
    `const child = cp.spawn(process.execPath, ['endings.cjs', 'waits']);
     setTimeout(() => child.kill('SIGKILL'), 400);
     await new Promise((done) => child.on('exit', (code, signal) => done(console.log(code, signal))));
     const soon = cp.spawn(process.execPath, ['endings.cjs', 'waits']);
     soon.kill('SIGKILL');
     await new Promise((done) => soon.on('exit', (code, signal) => done(console.log(code, signal))));
     const limited = cp.spawnSync(process.execPath, ['-e', 'for (;;);'], { timeout: 1 });
     console.log(limited.error.code, limited.signal);`,
    [],
  ),
  program(
    'grandchildren and children of worker threads',
    3,
    `const { Worker } = require('node:worker_threads');
     const text = 'require("node:child_process").spawnSync(process.execPath, ["view.cjs", "below"], { stdio: "inherit" });';
     await new Promise((done) => new Worker(text, { eval: true }).on('exit', done));
     await run(process.execPath, ['-e', text]);`,
  ),
  {
    name: 'cluster',
    processes: 2,
    tasks: ['serve'],
    text: `
      const cluster = require('node:cluster');
      const http = require('node:http');
      async function serve(request, response) { await null; response.setHeader('connection', 'close'); response.end('served'); }
      if (!cluster.isPrimary) http.createServer(serve).listen(0);
      else {
        let port = 0, count = 0;
        for (let i = 0; i < 2; i++) cluster.fork();
        cluster.on('listening', async (worker, address) => {
          port = address.port;
          if (++count < 2) return;
          for (let i = 0; i < 2; i++) console.log(await (await fetch('http://127.0.0.1:' + port)).text());
          for (const one of Object.values(cluster.workers)) one.disconnect();
        });
        cluster.on('exit', (worker, code, signal) => console.log('exit', code, signal));
      }`,
  },
];
