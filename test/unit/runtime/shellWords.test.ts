import assert from 'node:assert/strict';
import { commandWords, shellQuoted } from '../../../src/runtime/processes/shellWords.ts';

/** The commands of a text, each with the word after it. */
function commands(text: string): string[] | undefined {
  return commandWords(text)?.map(({ text: name, raw, next }) => `${name ?? `(${raw})`}${next === '' ? '' : ` ${next}`}`);
}

describe('commands in a text for the shell', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'node a.js': ['node a.js'],
    '  node  -v ; npm run x|cat&& node': ['node -v', 'npm run', 'cat', 'node'],
    'A=1 B="x y" node a.js': ['node a.js'],
    'A=$(date +%s) node a.js': ['node a.js'],
    'exec env A=1 node a.js & wait': ['node a.js', 'wait'],
    'if true; then node a; else ! node b; fi': ['true', 'node a', 'node b', 'fi'],
    '(cd x && node a) || { node b; }': ['cd x', 'node a', 'node b', '}'],
    'echo node; echo "node x" \'; node\'': ['echo node', 'echo node x'],
    'node a > out 2>&1 < in; node b': ['node a', 'node b'],
    '> out node a': ['node a'],
    'cat x &> node': ['cat x'],
    'echo 2 >&1 node': ['echo 2'],
    '# node a\nnode b # node c': ['node b'],
    '"/usr/bin/node" a': ['/usr/bin/node a'],
    'n"od"e a': ['node a'],
    'no\\de a': ['node a'],
    '"$NODE" a; $NODE b': ['("$NODE") a', '($NODE) b'],
    'node a \\\n  b\nnode c': ['node a', 'node c'],
    'for x in node y; do node "$x"; done': ['for x', 'node', 'done'],
    '': [],
  };
  for (const [text, expected] of Object.entries(cases))
    it(JSON.stringify(text), () => assert.deepEqual(commands(text), expected));

  for (const text of [
    'cat <<END\nnode\nEND',
    'case x in node) node a;; esac',
    'node() { true; }; node',
    'echo "$(node -p 1)"',
    'echo `node -p 1`',
    'diff <(node a) b',
    'node "a',
  ])
    it(`${JSON.stringify(text)} is left alone`, () => assert.equal(commandWords(text), undefined));

  it('are quoted as one word', () => {
    assert.deepEqual(['a/b.c', '', 'a b', "it's", '$x'].map(shellQuoted), ['a/b.c', "''", "'a b'", "'it'\\''s'", "'$x'"]);
  });
});
