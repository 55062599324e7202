import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutputText } from '../../../src/editor/outputText.ts';

function terminal(maxBytes?: number): { output: OutputText; text: () => string } {
  let text = '';
  const options = {
    write: (part: string) => (text += part),
    omitted: (bytes: number) => `[${bytes} left out]`,
    intervalMs: 60_000,
  };
  const output = new OutputText({ ...options, ...(maxBytes === undefined ? {} : { maxBytes }) });
  return {
    output,
    text: () => {
      output.flush();
      return text;
    },
  };
}

describe('program output in the terminal', () => {
  it('has its line ends turned however the chunks fall', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[aé漢😀\r\n]{0,30}$/u), fc.array(fc.nat({ max: 5 })), (text, cuts) => {
        const { output, text: shown } = terminal();
        const bytes = new TextEncoder().encode(text);
        let at = 0;
        for (const cut of cuts) {
          output.push('stdout', bytes.subarray(at, at + cut));
          if (cut % 2 === 0) output.flush();
          at += cut;
        }
        output.push('stdout', bytes.subarray(at));
        assert.equal(shown(), text.replace(/\r?\n/g, '\r\n'));
      }),
    );
  });

  it('keeps the beginning and the end of a flood and counts what lies between', () => {
    const { output, text } = terminal(20);
    output.push('stdout', Buffer.from('begin\n'));
    for (let i = 0; i < 50; i++) output.push('stdout', Buffer.from('0123456789'));
    output.push('stderr', Buffer.from('the end'));
    const shown = text();
    assert.match(shown, /^begin\r\n/);
    assert.match(shown, /the end$/);
    const left = Number(/\[(\d+) left out\]/.exec(shown)?.[1]);
    assert.equal(left, 6 + 500 + 7 - 20);
  });

  it('shows the end of one huge chunk', () => {
    const { output, text } = terminal(8);
    output.push('stdout', Buffer.from('x'.repeat(1000) + 'last one'));
    assert.match(text(), /\[1000 left out\][^x]*last one$/);
  });
});
