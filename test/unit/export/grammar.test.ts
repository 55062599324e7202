import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { TraceModelBuilder } from '../../../src/analyze/traceModelBuilder.ts';
import { transcript } from '../../../src/export/transcript.ts';
import { modelOf, outdent } from '../support/modelText.ts';
import { chains, sleepTogether, threeFaults } from '../support/programs.ts';
import { anyTrace } from '../support/randomTrace.ts';

interface Rule {
  readonly include?: string;
  readonly match?: string;
  readonly name?: string;
  readonly captures?: Readonly<Record<string, Rule>>;
  readonly patterns?: readonly Rule[];
}

interface Grammar extends Rule {
  readonly scopeName: string;
  readonly repository: Readonly<Record<string, Rule>>;
}

interface Token {
  readonly text: string;
  readonly scope: string;
}

const path = resolve(import.meta.dirname, '../../../syntaxes/interleave-transcript.tmLanguage.json');
const grammar = JSON.parse(readFileSync(path, 'utf8')) as Grammar;

/** The part of TextMate's rules that the grammar uses: one-line matches, captures with names or patterns, includes. */
function tokens(text: string, rules: readonly Rule[]): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at <= text.length) {
    const best = nextMatch(text, at, rules);
    if (!best) break;
    const { rule, match } = best;
    const captures = rule.captures ?? {};
    if (rule.name !== undefined && match[0] !== '') found.push({ text: match[0], scope: shortScope(rule.name) });
    for (const [index, capture] of Object.entries(captures)) {
      const part = match[Number(index)];
      if (part === undefined || part === '') continue;
      if (capture.name !== undefined) found.push({ text: part, scope: shortScope(capture.name) });
      if (capture.patterns) found.push(...tokens(part, capture.patterns));
    }
    at = Math.max(match.index + match[0].length, at + 1);
  }
  return found;
}

function nextMatch(text: string, at: number, rules: readonly Rule[]): { rule: Rule; match: RegExpExecArray } | undefined {
  let best: { rule: Rule; match: RegExpExecArray } | undefined;
  for (const rule of flat(rules)) {
    const pattern = new RegExp(rule.match ?? '', 'gu');
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { rule, match };
  }
  return best;
}

function flat(rules: readonly Rule[]): Rule[] {
  return rules.flatMap((rule) => {
    if (rule.include !== undefined) return flat([grammar.repository[rule.include.slice(1)] ?? assert.fail(rule.include)]);
    return rule.match === undefined ? flat(rule.patterns ?? []) : [rule];
  });
}

function shortScope(scope: string): string {
  assert.ok(scope.endsWith('.interleave-transcript'), scope);
  return scope.split('.').at(-2) ?? '';
}

function tokenText(line: string): string {
  return tokens(line, grammar.patterns ?? [])
    .map(({ text, scope }) => `${scope}(${text.trim()})`)
    .join(' ');
}

describe('grammar of the transcript', () => {
  it('names the parts of each kind of line', () => {
    const text = [
      ...transcript(modelOf(threeFaults)).split('\n'),
      ...transcript(modelOf(sleepTogether)).split('\n'),
      ...transcript(modelOf(chains), { normalised: true }).split('\n'),
    ];
    const line = (pattern: RegExp): string =>
      tokenText(text.find((candidate) => pattern.test(candidate)) ?? assert.fail(String(pattern)));
    assert.equal(
      [
        line(/^interleave/),
        line(/^program/),
        line(/^skipped/),
        line(/^events/),
        line(/audit .*starts/),
        line(/stuck .*suspends/),
        line(/slowStep .*blocks/),
        line(/audit .*resumes/),
        line(/count #1 .*throws/),
        line(/main .*woken/),
        line(/^ {4}audit/),
        line(/^ {2}timer/),
        line(/part2 #2 {2}waits/),
        line(/never-settled/),
        line(/\d s {2}main .*settles/),
      ].join('\n'),
      outdent(`
        control(interleave transcript) version(1)
        head(program) head(/p/faults.ts)
        head(skipped) head(/p/node_modules/x/y.js: it is in an excluded folder)
        section(events)
        moment(0.000110 s) task(audit) flow(starts) place(L10)
        moment(0.000140 s) task(stuck) wait(suspends) place(L21) wait-kind(other) by-source(?) detail(never resumes)
        moment(0.155220 s) task(slowStep) problem(blocks) duration(150 ms) place(L32) detail(holding up)
        moment(0.155310 s) task(audit) wait(resumes) duration(155 ms) wait-kind(timer) detail(ready for) duration(145 ms)
        moment(1.000120 s) task(count #1) problem(throws)
        moment(0.155240 s) task(main) wait(resumes) duration(155 ms) wait-kind(task) detail(woken by)
        row(audit) duration(155 ms) duration(20.0 µs) duration(10.2 ms) duration(145 ms)
        row(timer) duration(160 ms)
        task(part2 #2) wait(waits) duration(950 ms) place(L31) wait-kind(timer)
        row(never-settled) place(L21)
        moment(0.155250 s) task(main) flow(settles)`),
    );
  });

  it('finds a part in every line of any transcript', () =>
    fc.assert(
      fc.property(anyTrace, fc.boolean(), (bytes, normalised) => {
        const builder = new TraceModelBuilder();
        builder.push(bytes);
        const lines = transcript(builder.snapshot(), { normalised }).split('\n');
        const events = lines.slice(lines.indexOf('events') + 1, lines.indexOf('', lines.indexOf('events')));
        for (const line of lines) assert.ok(line === '' || tokens(line, grammar.patterns ?? []).length > 0, line);
        for (const line of events) {
          const scopes = tokens(line, grammar.patterns ?? []).map((token) => token.scope);
          assert.ok(scopes.includes('task') && ['flow', 'wait', 'problem'].some((scope) => scopes.includes(scope)), line);
        }
      }),
      { numRuns: 150 },
    ));

  it('is of the name the language is registered under', () => assert.equal(grammar.scopeName, 'source.interleave-transcript'));
});
