import fc from 'fast-check';

/**
 * Random async programs as text: bodies of `async (log, h) => { … }`. `h` offers promises, thenables, iterables and
 * generators that log what is done to them. Statements end by line breaks alone as often as by semicolons.
 */
export interface RandomProgram {
  readonly text: string;
}

interface Scope {
  /** How deep the program may still nest. */
  readonly depth: number;
  /** Labels of loops around. */
  readonly labels: readonly string[];
  readonly inLoop: boolean;
  readonly generator: boolean;
}

/** A source of random numbers that fast-check can shrink: numbers taken from a list, 0 at its end. */
class Choices {
  readonly #numbers: readonly number[];
  #next = 0;
  #names = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  below(limit: number): number {
    const number = this.#numbers[this.#next++] ?? 0;
    return number % limit;
  }

  name(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }
}

export const randomProgram: fc.Arbitrary<RandomProgram> = fc
  .array(fc.nat({ max: 1_000_000 }), { minLength: 5, maxLength: 160 })
  .map((numbers) => ({ text: block(new Choices(numbers), { depth: 4, labels: [], inLoop: false, generator: false }, 4) }));

function block(c: Choices, scope: Scope, max: number): string {
  const count = 1 + c.below(max);
  let text = '';
  for (let i = 0; i < count; i++) text += statement(c, scope) + (c.below(3) === 0 ? '\n' : ';\n');
  return text;
}

function inner(scope: Scope, change: Partial<Scope> = {}): Scope {
  return { ...scope, depth: scope.depth - 1, ...change };
}

function statement(c: Choices, scope: Scope): string {
  if (scope.depth <= 0) return `log('${c.name('s')}', ${expression(c, scope)})`;
  switch (c.below(24)) {
    case 0:
      return `const ${c.name('v')} = ${expression(c, scope)}`;
    case 1:
      return `try { ${block(c, inner(scope), 3)} } catch (e) { log('${c.name('c')}', h.name(e))\n ${block(c, inner(scope), 2)} }`;
    case 2:
      return `try { ${block(c, inner(scope), 3)} } finally { log('${c.name('f')}')\n ${block(c, inner(scope), 2)} }`;
    case 3:
      return `try { ${block(c, inner(scope), 2)} } catch { ${block(c, inner(scope), 2)} } finally { ${block(c, inner(scope), 1)} }`;
    case 4:
      return `if (${expression(c, scope)}) ${single(c, scope)}\nelse ${single(c, scope)}`;
    case 5: {
      const label = c.name('l');
      const i = c.name('i');
      return `${label}: for (let ${i} = 0; ${i} < 2; ${i}++) { ${block(c, inner(scope, { labels: [...scope.labels, label], inLoop: true }), 3)} }`;
    }
    case 6:
    case 7: {
      const x = c.name('x');
      const label = c.below(2) === 0 ? `${c.name('l')}: ` : '';
      const labels = label === '' ? scope.labels : [...scope.labels, label.slice(0, -2)];
      const body =
        c.below(4) === 0
          ? `log('${c.name('b')}', ${x})`
          : `{ log('${c.name('b')}', ${x})\n ${block(c, inner(scope, { labels, inLoop: true }), 3)} }`;
      return `${label}for await (const ${x} of ${iterable(c, scope)}) ${body}`;
    }
    case 8:
      return scope.generator || c.below(3) > 0
        ? `log('${c.name('s')}')`
        : `return ${c.below(3) === 0 ? `${expression(c, scope)}, ` : ''}${expression(c, scope)}`;
    case 9:
      return c.below(3) === 0 ? 'return' : `log('${c.name('s')}', ${expression(c, scope)})`;
    case 10:
      return scope.inLoop ? (c.below(2) === 0 ? 'break' : 'continue') : `log('${c.name('s')}')`;
    case 11: {
      const label = scope.labels[c.below(Math.max(1, scope.labels.length))];
      return label === undefined ? `log('${c.name('s')}')` : `${c.below(2) === 0 ? 'break' : 'continue'} ${label}`;
    }
    case 12:
      return c.below(2) === 0
        ? `throw ${c.below(3) === 0 ? `${expression(c, scope)}, ` : ''}h.error('${c.name('e')}')`
        : `log('${c.name('s')}')`;
    case 13:
      return `const { a: ${c.name('v')}, b: ${c.name('v')} = 3 } = await h.soon({ a: ${expression(c, scope)} })`;
    case 14:
      return `{ await using ${c.name('r')} = h.resource('${c.name('d')}'), ${c.name('r')} = ${c.below(3) === 0 ? 'null' : `h.resource('${c.name('d')}')`}\n ${block(c, inner(scope), 2)} }`;
    case 15:
      return `{ function ${c.name('fn')}() { return log('${c.name('s')}') } ${block(c, inner(scope), 2)} }`;
    case 16:
      return `switch (${c.below(3)}) { case 0: ${single(c, scope)}\n case 1: ${single(c, scope)}; break\n default: ${single(c, scope)} }`;
    case 17: {
      const x = c.name('x');
      return `let ${x} = 1; ${x} += ${expression(c, scope)}\nlog('${c.name('s')}', ${x})`;
    }
    case 19:
      // What goes on from the line before, unless something there ends it.
      return ['(1)', '[1, 2].at(0)', '`t`', "/x/.test('x')", '+1', '-h.n', '++h.n'][c.below(7)] as string;
    case 20:
      return `const ${c.name('v')} = await h.n++`;
    case 18:
      return `do ${single(c, scope)}\nwhile (false)`;
    default:
      return `log('${c.name('s')}', ${expression(c, scope)})`;
  }
}

/** A statement that may stand alone under an `if`. */
function single(c: Choices, scope: Scope): string {
  const text = statement(c, inner(scope));
  return /^(?:const|let)\b/.test(text) ? `{ ${text} }` : text;
}

function expression(c: Choices, scope: Scope): string {
  if (scope.depth <= 0) return simple(c);
  const deeper = inner(scope);
  switch (c.below(20)) {
    case 0:
      return `await (${promise(c, deeper)})`;
    case 1:
    case 2:
      return `await ${promise(c, deeper)}`;
    case 3:
      return `(await ${promise(c, deeper)})?.a?.b`;
    case 4:
      return `[await ${promise(c, deeper)}, await ${promise(c, deeper)}].length`;
    case 5:
      return `\`\${await ${promise(c, deeper)}}-\${await ${promise(c, deeper)}}\``;
    case 6:
      return `h.id(await ${promise(c, deeper)}) || await ${promise(c, deeper)}`;
    case 7:
      return `(${c.below(2)} ? await ${promise(c, deeper)} : ${expression(c, deeper)})`;
    case 8:
      return `typeof await ${promise(c, deeper)}`;
    case 9:
      return `h.o[await ${promise(c, deeper)}]`;
    case 10:
      return scope.generator ? `yield ${expression(c, deeper)}` : simple(c);
    case 11:
      return scope.generator ? `(yield)` : simple(c);
    case 12:
      return scope.generator ? `(yield* ${iterable(c, deeper)})` : simple(c);
    case 13:
      return `await h.n++`;
    default:
      return simple(c);
  }
}

function simple(c: Choices): string {
  return ['1', '0', "'t'", 'null', 'undefined', 'h.o', 'h.n', '[1, 2]'][c.below(8)] as string;
}

function promise(c: Choices, scope: Scope): string {
  if (scope.depth <= 0) return simple(c);
  const task: Scope = { depth: scope.depth - 1, labels: [], inLoop: false, generator: false };
  switch (c.below(14)) {
    case 0:
    case 1:
      return `h.soon(${simple(c)})`;
    case 2:
      return `h.later(${1 + c.below(5)})`;
    case 3:
      return `h.failing('${c.name('e')}')`;
    case 4:
      return `h.thenable(${simple(c)})`;
    case 5:
    case 6:
      return `(async () => { ${block(c, task, 3)} })()`;
    case 7:
      return `(async () => ${expression(c, task)})()`;
    case 8:
      return `(async function ${c.name('f')}(a = async () => ${simple(c)}) { ${block(c, task, 3)} return h.soon(2)\n })()`;
    case 9:
      return `({ async m() { ${block(c, task, 3)} } }).m()`;
    case 10:
      return `new (class { f = async () => ${expression(c, task)}; static async s() {} async m() { ${block(c, task, 2)}; return this.f() } })().m()`;
    case 11:
      return `Promise.all([(async () => { ${block(c, task, 2)} })(), h.later(2)])`;
    case 12:
      return `new Promise((resolve, reject) => { ${c.below(2) === 0 ? `resolve(${simple(c)})` : 'h.id(reject)(1)'} })`;
    default:
      return simple(c);
  }
}

function iterable(c: Choices, scope: Scope): string {
  const task: Scope = { depth: scope.depth - 1, labels: [], inLoop: false, generator: true };
  switch (c.below(7)) {
    case 0:
      return `[h.soon(1), 2, h.later(3)]`;
    case 1:
      return `h.iterable(2)`;
    case 2:
      return 'h.asyncIterable';
    case 3:
      return `h.noReturn(2)`;
    case 4:
      return c.below(4) === 0 ? `[h.failing('${c.name('e')}')]` : `h.iterable(1)`;
    default:
      return `(async function* () { ${block(c, task, 3)} ${c.below(2) === 0 ? `return h.soon(4)` : `yield 5`}\n })()`;
  }
}
