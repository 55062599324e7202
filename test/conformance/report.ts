import type { DifferenceKind } from './observation.ts';
import type { Result } from './runAll.ts';

/** True where no scenario that passes bare differs in anything. What ends or hangs its process bare does not pass. */
export function isExact(results: readonly Result[]): boolean {
  return results.every((result) =>
    result.type === 'lost' ? result.run === 'bare' : !result.passed || result.differences.length === 0,
  );
}

/** The numbers of a run, as text. */
export function summary(results: readonly Result[]): string {
  const ran = results.filter((result) => result.type === 'ran');
  const passing = ran.filter((result) => result.passed);
  const exact = passing.filter((result) => result.differences.length === 0);
  const of = (kind: DifferenceKind): number =>
    passing.filter((result) => result.differences.some((one) => one.kind === kind)).length;
  const rejected = ran.filter(({ outcome }) => outcome.startsWith('parse: '));
  const lost = results.filter((result) => result.type === 'lost');
  const lostBare = lost.filter(({ run }) => run === 'bare').length;
  const tests = new Set(results.map(({ scenario }) => scenario.path)).size;
  const skipped = new Map<string, number>();
  for (const { skipped: why } of passing) {
    if (why === undefined) continue;
    const short = why.replace(/:.*/, '').replace(/\(.*/, '').trim();
    skipped.set(short, (skipped.get(short) ?? 0) + 1);
  }
  return [
    `${tests} tests, ${results.length} scenarios, ${lostBare} lost bare, ${lost.length - lostBare} instrumented; ${passing.length} pass bare`,
    `changed texts: ${passing.filter((result) => result.changed).length} of those, ${ran.filter((result) => result.changed).length} of all`,
    `rejected by V8: ${rejected.length} texts, ${rejected.filter(({ changed }) => changed).length} of them changed all the same`,
    `exact: ${exact.length} of ${passing.length} (${((exact.length / Math.max(passing.length, 1)) * 100).toFixed(2)} %)`,
    `differing in verdict ${of('verdict')}, outcome ${of('outcome')}, ticks ${of('ticks')}, rejections ${of('rejections')}, globals ${of('globals')}, lexical names ${of('lexicals')}`,
    `failing bare: ${ran.length - passing.length}, of which ${ran.filter((result) => !result.passed && result.differences.length > 0).length} differ`,
    ...[...skipped].map(([why, count]) => `left unchanged, ${why}: ${count}`),
  ].join('\n');
}

/** Each scenario that differs, was lost or fails, with what was seen. */
export function listing(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const result of results) {
    const name = `${result.scenario.path} (${result.scenario.mode})`;
    if (result.type === 'lost') lines.push(`LOST ${result.run} ${name}: ${result.reason}`);
    else if (result.differences.length > 0) {
      lines.push(`DIFFERS ${result.passed ? '' : 'FAILS '}${name}${result.changed ? '' : ' unchanged'}`);
      for (const { kind, bare, other } of result.differences) lines.push(`  ${kind}`, indent(bare), '  but', indent(other));
    } else if (!result.passed) lines.push(`FAILS ${name}: ${result.outcome}`);
    else if (result.skipped !== undefined) lines.push(`SKIPPED ${name}: ${result.skipped}`);
  }
  return `${lines.join('\n')}\n`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
