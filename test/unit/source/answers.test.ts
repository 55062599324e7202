import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Answers } from '../../../src/source/project/answers.ts';
import { ts } from '../../../src/source/typescript.ts';

const parse = (name: string): ts.SourceFile => ts.createSourceFile(name, 'one; two;', ts.ScriptTarget.Latest, true);

describe('answers', () => {
  it('are found once, and again when what they rest on is dropped', () => {
    const answers = new Answers();
    const [own, other, third] = [parse('a.ts'), parse('b.ts'), parse('c.ts')];
    const [one, two] = own.statements;
    let searches = 0;
    const inner = answers.question<string>('inner');
    const outer = answers.question<string>('outer');
    const ask = (): string =>
      outer.find(one!, () => {
        searches++;
        answers.restOn('a name');
        return inner.find(two!, () => {
          answers.restOn(other);
          return `${searches}`;
        });
      });
    assert.equal(ask(), '1');
    assert.equal(ask(), '1');
    answers.drop([third], ['another name']);
    assert.equal(ask(), '1');
    answers.drop([], ['a name']);
    // The inner one does not rest on the name.
    assert.equal(ask(), '1');
    assert.equal(searches, 2);
    answers.drop([other], []);
    assert.equal(ask(), '3');
    answers.drop([own], []);
    assert.equal(inner.known(two!), undefined);
    assert.equal(ask(), '4');
  });

  it('rest on what a known answer rests on', () => {
    const answers = new Answers();
    const [own, other] = [parse('a.ts'), parse('b.ts')];
    const [one, two] = own.statements;
    const question = answers.question<number>('any');
    question.find(two!, () => {
      answers.restOn(other);
      return 2;
    });
    question.find(one!, () => question.known(two!)!);
    answers.drop([other], []);
    assert.equal(question.known(one!), undefined);
  });

  it('are not kept where they hold for once only, or nothing was found', () => {
    const answers = new Answers();
    const own = parse('a.ts');
    const [one] = own.statements;
    const question = answers.question<number>('any');
    assert.equal(
      question.find(
        one!,
        () => 1,
        () => false,
      ),
      1,
    );
    assert.equal(question.known(one!), undefined);
    assert.throws(
      () =>
        question.find(one!, () => {
          throw new Error('too deep');
        }),
      /too deep/,
    );
    answers.restOn('nothing is asked for');
    assert.equal(
      question.find(one!, () => 3),
      3,
    );
  });

  it('let go of the files of earlier texts', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const answers = new Answers();
    const own = parse('a.ts');
    const question = answers.question<readonly ts.Node[]>('leads to');
    const edits = 20;
    const texts = Array.from({ length: edits }, (_, edit) => {
      const other = parse('b.ts');
      // Some of what rests on a text is asked for no more.
      question.find(own.statements[edit % 2]!, () => {
        answers.restOn(other);
        return [...other.statements];
      });
      question.find(other.statements[0]!, () => {
        answers.restOn(own);
        answers.restOn('a name');
        return [own];
      });
      answers.drop([other], []);
      return new WeakRef(other);
    });
    await nextTurn();
    collect();
    assert.ok(texts.filter((text) => text.deref() !== undefined).length <= 1);
  });
});
