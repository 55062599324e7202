import assert from 'node:assert/strict';
import { LineDiscipline } from '../../../src/editor/lineDiscipline.ts';

function typed(...inputs: string[]): { events: string[]; shown: string } {
  const events: string[] = [];
  let shown = '';
  const lines = new LineDiscipline({
    echo: (text) => (shown += text),
    send: (text) => events.push(`send ${JSON.stringify(text)}`),
    interrupt: () => events.push('interrupt'),
    end: () => events.push('end'),
  });
  for (const input of inputs) lines.input(input);
  return { events, shown };
}

describe('what a person types', () => {
  it('reaches the program line by line', () => {
    assert.deepEqual(typed('a', 'b', '\r', 'c').events, ['send "ab\\n"']);
    assert.deepEqual(typed('one\r\ntwo\rthree\n').events, ['send "one\\n"', 'send "two\\n"', 'send "three\\n"']);
  });

  it('is shown as it is typed', () => assert.equal(typed('hi\r').shown, 'hi\r\n'));

  it('can be taken back, wide characters whole', () => {
    const { events, shown } = typed('a漢\x7f\x7f\x7fb\r');
    assert.deepEqual(events, ['send "b\\n"']);
    assert.equal(shown, 'a漢\b \b\b \b\b \bb\r\n');
    assert.deepEqual(typed('wrong\x15right\r').events, ['send "right\\n"']);
  });

  it('interrupts with Ctrl+C and forgets the line', () => {
    assert.deepEqual(typed('half\x03\r').events, ['interrupt', 'send "\\n"']);
  });

  it('ends the input with Ctrl+D on an empty line, hands over half a line else', () => {
    assert.deepEqual(typed('half\x04\x04more\r').events, ['send "half"', 'end']);
    assert.deepEqual(typed('\x04', '\x03').events, ['end', 'interrupt']);
  });

  it('is rid of escape sequences', () => assert.deepEqual(typed('a\x1b[Ab\x1b[200~c\x1bOP\r').events, ['send "abc\\n"']));
});
