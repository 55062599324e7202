import assert from 'node:assert/strict';
import { parseCommand } from '../../../src/cli/parseCommand.ts';
import { UsageError } from '../../../src/cli/usage.ts';

function refusal(...argv: string[]): string {
  try {
    parseCommand(argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  assert.fail(`${argv.join(' ')} was taken`);
}

describe('the command line', () => {
  it('leaves everything behind -- to the program', () => {
    const command = parseCommand(['run', 'a.ts', '--clock', 'virtual', '--', '--clock', 'wall', '-h', '--']);
    assert.ok(command.name === 'run');
    assert.equal(command.clock, 'virtual');
    assert.deepEqual(command.args, ['--clock', 'wall', '-h', '--']);
  });

  it('takes --transcript alone, with a file, and with -', () => {
    const transcriptOf = (...argv: string[]) => {
      const command = parseCommand(['run', ...argv]);
      assert.ok(command.name === 'run');
      return [command.file, command.transcript];
    };
    assert.deepEqual(transcriptOf('a.ts'), ['a.ts', undefined]);
    assert.deepEqual(transcriptOf('--transcript', 'a.ts'), ['a.ts', '-']);
    assert.deepEqual(transcriptOf('a.ts', '--transcript'), ['a.ts', '-']);
    assert.deepEqual(transcriptOf('a.ts', '--transcript', 'run.txt'), ['a.ts', 'run.txt']);
    assert.deepEqual(transcriptOf('--transcript', '-', 'a.ts'), ['a.ts', '-']);
    assert.deepEqual(transcriptOf('--transcript=notes.md', 'a.ts'), ['a.ts', 'notes.md']);
  });

  it('reads arguments of a function as a JSON array', () => {
    const command = parseCommand(['run', 'a.ts', '--function', 'load', '--args', '["x", {"y": 1}]']);
    assert.ok(command.name === 'run');
    assert.deepEqual(command.call, { exportName: 'load', args: ['x', { y: 1 }] });
  });

  it('names the mend for what it cannot take', () => {
    assert.match(refusal('trace', 'a.ts'), /no command 'trace'.*run, open, lint and ps/);
    assert.match(refusal('run'), /Name the file to trace/);
    assert.match(refusal('run', 'a.ts', 'b', 'c'), /behind --: interleave run a.ts -- b c/);
    assert.match(refusal('run', 'a.ts', '--clock', 'fast'), /--clock takes wall or virtual, not 'fast'/);
    assert.match(refusal('run', 'a.ts', '--timeout', '0'), /seconds above 0/);
    assert.match(refusal('run', 'a.ts', '--keep', 'all'), /--keep takes a number of minutes above 0, not 'all'/);
    assert.match(refusal('run', 'a.ts', '--args', '[]'), /--args goes with --function/);
    assert.match(refusal('run', 'a.ts', '--function', 'f', '--args', '{'), /--args is not JSON/);
    assert.match(refusal('run', 'a.ts', '--function', 'f', '--args', '1'), /--args '\[1\]'/);
    assert.match(refusal('run', 'a.ts', '--colour'), /--colour.*interleave run --help/);
    assert.match(refusal('open'), /Name one trace file/);
    assert.match(refusal('lint'), /interleave lint src/);
    assert.match(refusal('lint', 'src', '--format', 'xml'), /pretty or json/);
  });

  it('shows help for the whole and for each command', () => {
    assert.deepEqual(parseCommand([]), { name: 'help', topic: undefined });
    assert.deepEqual(parseCommand(['run', '--help']), { name: 'help', topic: 'run' });
    assert.deepEqual(parseCommand(['lint', 'x', '-h']), { name: 'help', topic: 'lint' });
    assert.deepEqual(parseCommand(['--version']), { name: 'version' });
  });
});
