import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findNodeStart } from '../../../src/runtime/processes/nodeStart.ts';
import { makeFolder, removeFolder, writeFiles } from '../run/support.ts';

describe('the start of a process that leads to Node', () => {
  let folder: string;
  before(() => {
    folder = makeFolder();
    writeFiles(folder, {
      'bin/tool': '#!/usr/bin/env node\n',
      'bin/flagged': '#!/usr/bin/env -S A=1 node --no-warnings\n',
      'bin/direct': '#!/opt/x/bin/node --stack-size=900\n',
      'bin/script': '#!/bin/sh\nnode x\n',
      'bin/npm': 'binary',
      'bin/plain.js': '#!/usr/bin/env node\n',
    });
    for (const name of ['tool', 'flagged', 'direct', 'script', 'npm']) chmodSync(join(folder, 'bin', name), 0o755);
  });
  after(() => removeFolder(folder));

  /** What is started with the flag `--F`, one line; why not; or that it is not Node. */
  function start(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const envPairs = Object.entries({ PATH: join(folder, 'bin'), ...env }).map(([name, value]) => `${name}=${value}`);
    const found = findNodeStart({ file, args: [file, ...args], cwd: folder, envPairs });
    if (found === undefined) return 'is not Node';
    if ('left' in found) return `left: ${found.left}`;
    const { file: program, args: given } = found.withFlags({ plain: ['--F'] });
    return [program, ...given].map((word) => String(word).replaceAll(folder, 'FOLDER')).join(' | ');
  }

  const cases: readonly (readonly [file: string, args: readonly string[], expected: string])[] = [
    ['node', ['a.js', '-v'], 'node | node | --F | a.js | -v'],
    ['/opt/node', ['-e', '1', '--version'], 'is not Node'],
    ['node', ['-e', '--version'], 'node | node | --F | -e | --version'],
    ['node', ['--permission', 'a.js'], "left: it runs under Node's permission model"],
    ['node', ['a.js', '--permission'], 'node | node | --F | a.js | --permission'],
    ['node', ['--build-snapshot', 'a.js'], 'left: it only builds a program'],
    ['ls', ['node'], 'is not Node'],
    ['no-such', [], 'is not Node'],
    ['tool', ['x'], '/usr/bin/env | /usr/bin/env | node | --F | FOLDER/bin/tool | x'],
    ['bin/tool', [], '/usr/bin/env | /usr/bin/env | node | --F | bin/tool'],
    ['flagged', ['x'], '/usr/bin/env | /usr/bin/env | A=1 | node | --F | --no-warnings | FOLDER/bin/flagged | x'],
    ['direct', ['x'], '/opt/x/bin/node | /opt/x/bin/node | --F | --stack-size=900 | FOLDER/bin/direct | x'],
    ['script', [], 'is not Node'],
    ['bin/plain.js', [], 'is not Node'],
    ['npm', ['run', 'x'], 'left: the way it is started leaves no place for flags of Node'],
    ['sh', ['-c', 'node a; echo node', 'x'], 'sh | sh | -c | node --F a; echo node | x'],
    [
      '/bin/bash',
      ['-lc', 'tool 1 && direct'],
      '/bin/bash | /bin/bash | -lc | /usr/bin/env node --F FOLDER/bin/tool 1 && /opt/x/bin/node --F --stack-size=900 FOLDER/bin/direct',
    ],
    ['sh', ['-c', '"$N" a'], 'sh | sh | -c | "$N" --F a'],
    ['sh', ['-c', 'cd x; bin/tool; node a'], 'sh | sh | -c | cd x; bin/tool; node --F a'],
    ['sh', ['-c', 'ls'], 'is not Node'],
    ['sh', ['-c', 'node -v'], 'left: the way it is started leaves no place for flags of Node'],
    ['sh', ['-c', 'set -x; node a'], 'left: the way it is started leaves no place for flags of Node'],
    ['sh', ['-xc', 'node a'], 'left: the way it is started leaves no place for flags of Node'],
    ['sh', ['-c', 'case node in node) node a;; esac'], 'left: the way it is started leaves no place for flags of Node'],
    ['sh', ['build.sh', 'node'], 'left: the way it is started leaves no place for flags of Node'],
  ];
  for (const [file, args, expected] of cases)
    it([file, ...args].join(' '), () => assert.equal(start(file, args, { N: '/usr/bin/node' }), expected));

  describe('and may be given the flag by which the inspector opens without a word', () => {
    const own = process.execPath;
    /** `Q` stands for all flags with that, `F` for those without. */
    function given(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
      const envPairs = Object.entries({ PATH: `${folder}/own`, ...env }).map(([name, value]) => `${name}=${value}`);
      const found = findNodeStart({ file, args: [file, ...args], cwd: folder, envPairs });
      assert.ok(found !== undefined && !('left' in found));
      return found
        .withFlags({ plain: ['F'], quiet: ['Q'] })
        .args.slice(1)
        .join(' ')
        .replaceAll(folder, 'folder')
        .replaceAll(own, 'NODE');
    }
    before(() => {
      mkdirSync(join(folder, 'own'));
      symlinkSync(own, join(folder, 'own', 'node'));
      copyFileSync(join(folder, 'bin', 'tool'), join(folder, 'own', 'tool'));
      writeFiles(folder, { 'other/node': '' });
      for (const name of ['own/tool', 'other/node']) chmodSync(join(folder, name), 0o755);
    });

    const quiet: readonly (readonly [file: string, ...args: string[]])[] = [
      [own, 'a.js'],
      ['node', '--no-warnings', 'a.js'],
      ['tool', 'x', '--inspect'],
      ['sh', '-c', 'node a.js && echo 1; tool x'],
      [own, '--inspect-port=127.0.0.1:9229', 'a.js'],
    ];
    for (const [file, ...args] of quiet)
      it(`${file === own ? 'NODE' : file} ${args.join(' ')}`, () => {
        const told = given(file, args);
        assert.match(told, /\bQ\b/);
        assert.doesNotMatch(told, /\bF\b/);
      });

    it('in the place of what the test runner writes out, where that comes later', () =>
      assert.equal(given(own, ['--inspect-publish-uid=stderr,http', 'a.js']), 'Q --inspect-publish-uid=http a.js'));

    const loud: readonly (readonly [file: string, ...args: string[]])[] = [
      [own, '--inspect=0', 'a.js'],
      [own, '--title', 'x', '--inspect_brk', 'a.js'],
      [own, '--inspect-port=9230', 'a.js'],
      [own, '--inspect-publish-uid=stderr', 'a.js'],
      [own, '--disable-sigusr1', 'a.js'],
      [own, '--env-file=.env', 'a.js'],
      [own, '--experimental-default-config-file', 'a.js'],
      ['other/node', 'a.js'],
      ['sh', '-c', 'node --inspect a.js'],
      ['sh', '-c', 'node $FLAGS a.js'],
      ['sh', '-c', 'NODE_OPTIONS="" node a.js'],
      ['sh', '-c', '. ./file; node a.js'],
      ['sh', '-c', 'cd other; ./node a.js'],
      ['sh', '-c', 'PATH=other node a.js'],
      ['bash', '-lc', 'node a.js'],
      ['sh', '-c', 'other/node a.js'],
    ];
    for (const [file, ...args] of loud)
      it(`not for ${file === own ? 'NODE' : file} ${args.join(' ')}`, () => {
        const told = given(file, args);
        assert.match(told, /\bF\b/);
        assert.doesNotMatch(told, /\bQ\b/);
      });

    it('not where the environment says more', () => {
      for (const env of [{ NODE_OPTIONS: '--no-warnings --inspect' }, { NODE_OPTIONS: '--env-file=x' }])
        assert.equal(given('node', ['a.js'], env), 'F a.js');
      assert.equal(given('bash', ['-c', 'node a.js'], { BASH_ENV: 'x' }), '-c node F a.js');
      assert.equal(given('node', ['a.js'], { PATH: `${folder}/other:${folder}/own` }), 'F a.js');
    });
  });

  it('under options of the environment', () => {
    assert.equal(
      start('node', ['a.js'], { NODE_OPTIONS: '--no-warnings --permission' }),
      "left: it runs under Node's permission model",
    );
  });

  it('is no business of ours where the arguments are none', () => {
    assert.equal(findNodeStart({}), undefined);
    assert.equal(findNodeStart({ file: 5, args: 'x' }), undefined);
  });
});
