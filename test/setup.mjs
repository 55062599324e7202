// Puts in place what `npm ci` cannot: system packages the tests need, other versions of Node, and test runners. Plain JavaScript, since Node 24 may be what is missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

/** Node 24 is a dependency whose install script puts it in place; an npm that does not run such scripts leaves a hole. */
function ensureNode() {
  const version = () => spawnSync(join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' }).stdout ?? '';
  if (version().startsWith('v24.')) return;
  execFileSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: join(root, 'node_modules/node'), stdio: 'inherit' });
  // npm makes no link to a program that was not there yet.
  const link = join(root, 'node_modules/.bin/node');
  rmSync(link, { force: true });
  symlinkSync('../node/bin/node', link);
  if (!version().startsWith('v24.'))
    throw new Error('node_modules/.bin/node is not Node 24: run npm ci again with install scripts allowed.');
}

/** The other versions of Node that traced programs are compared on; each in a folder of its own, and kept there. */
function ensureOtherNodes() {
  for (const major of [22, 26]) {
    const folder = join(root, '.vscode-test', `node-${major}`);
    const version = () => spawnSync(join(folder, 'node_modules/node/bin/node'), ['--version'], { encoding: 'utf8' }).stdout ?? '';
    if (version().startsWith(`v${major}.`)) continue;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const inFolder = { cwd: folder, stdio: 'inherit' };
    execFileSync(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `node@${major}`],
      inFolder,
    );
    execFileSync(process.execPath, ['installArchSpecificPackage.js'], { ...inFolder, cwd: join(folder, 'node_modules/node') });
    if (!version().startsWith(`v${major}.`)) throw new Error(`Node ${major} could not be installed into ${folder}.`);
  }
}

/** The test runners whose tests are compared bare and traced, in versions that compile what they test each in its own way. */
const testRunners = {
  'jest-29': 'jest@29.7.0',
  'jest-30': 'jest@30.5.2',
  'vitest-3': 'vitest@3.2.7',
  'vitest-4': 'vitest@4.1.12',
};

function ensureTestRunners() {
  for (const [name, version] of Object.entries(testRunners)) {
    const folder = join(root, '.vscode-test', name);
    const [runner, wanted] = version.split('@');
    const own = join(folder, 'node_modules', runner, 'package.json');
    if (existsSync(own) && JSON.parse(readFileSync(own, 'utf8')).version === wanted) continue;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', version], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
}

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

/** Debian's packages for the commands that are missing: a browser to look at VS Code with, and a compiler for three of its server's modules. */
function missingPackages() {
  const wanted = [
    ['git', 'git'],
    ['g++', 'g++'],
    ['make', 'make'],
    ['python3', 'python3'],
  ];
  const missing = wanted.filter(([command]) => !has(command)).map(([, name]) => name);
  const browser = process.env.CHROMIUM_PATH || ['chromium', 'chromium-browser', 'google-chrome'].some(has);
  return browser ? missing : [...missing, 'chromium', 'fonts-dejavu-core'];
}

ensureNode();
ensureOtherNodes();
ensureTestRunners();
const packages = missingPackages();
if (packages.length > 0) {
  if (!has('apt-get')) {
    console.error(`Install these first (there is no apt-get here to do it): ${packages.join(', ')}`);
    process.exit(1);
  }
  console.log(`Installing ${packages.join(', ')}`);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const run = (...command) =>
    execFileSync([...sudo, ...command][0], [...sudo, ...command].slice(1), {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}
