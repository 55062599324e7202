import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineShifts, type LineChange } from '../../../src/editor/lineShifts.ts';

const insert = (line: number, column: number, text: string): LineChange => ({
  startLine: line,
  startColumn: column,
  endLine: line,
  endColumn: column,
  text,
});

describe('lines of a traced text after edits', () => {
  it('stay where the edit is below', () => {
    const shifts = new LineShifts([3]);
    shifts.apply(insert(4, 0, 'x\ny\n'));
    assert.equal(shifts.now(3), 3);
  });

  it('move with whole lines put in or taken out above', () => {
    const shifts = new LineShifts([5]);
    shifts.apply(insert(5, 0, 'one\ntwo\r\n'));
    assert.equal(shifts.now(5), 7);
    assert.equal(shifts.then(7), 5);
    shifts.apply({ startLine: 1, startColumn: 0, endLine: 4, endColumn: 0, text: '' });
    assert.equal(shifts.now(5), 4);
  });

  it('are gone when their own text is touched', () => {
    for (const change of [
      insert(2, 4, 'x'),
      insert(2, 4, '\n'),
      { startLine: 1, startColumn: 3, endLine: 3, endColumn: 0, text: '' },
      { startLine: 1, startColumn: 3, endLine: 2, endColumn: 0, text: '' },
      { startLine: 2, startColumn: 0, endLine: 3, endColumn: 0, text: '' },
    ]) {
      const shifts = new LineShifts([2]);
      shifts.apply(change);
      assert.equal(shifts.now(2), undefined, JSON.stringify(change));
    }
  });

  it('never name a line whose text is another than the traced one', () => {
    const edit = fc.record({
      at: fc.nat(),
      until: fc.nat(),
      text: fc.stringMatching(/^[ab\n]{0,6}$/),
    });
    fc.assert(
      fc.property(fc.stringMatching(/^[abc\n]{0,40}$/), fc.array(edit, { maxLength: 5 }), (original, edits) => {
        // Unique lines, so that equal text means the same line.
        const before = original.split('\n').map((line, index) => `${index}${line}`);
        let text = before.join('\n');
        const shifts = new LineShifts(before.map((_, index) => index + 1));
        for (const { at, until, text: put } of edits) {
          const [from, to] = [at % (text.length + 1), until % (text.length + 1)].sort((a, b) => a - b) as [number, number];
          const place = (offset: number): [number, number] => {
            const lines = text.slice(0, offset).split('\n');
            return [lines.length, lines.at(-1)?.length ?? 0];
          };
          const [startLine, startColumn] = place(from);
          const [endLine, endColumn] = place(to);
          if (from === to && put === '') continue;
          shifts.apply({ startLine, startColumn, endLine, endColumn, text: put });
          text = text.slice(0, from) + put + text.slice(to);
        }
        const after = text.split('\n');
        before.forEach((line, index) => {
          const now = shifts.now(index + 1);
          if (now !== undefined) assert.equal(after[now - 1], line);
        });
      }),
    );
  });
});
