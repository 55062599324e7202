import type { Finding, LintFix, LintOptions, TextRange } from '../../shared/lintMessages.ts';
import { ruleOf } from '../../source/blocking/blockingCause.ts';
import { compilesWith, parses } from '../../source/fixes/fixCheck.ts';
import { fixThroughHelpers } from '../../source/fixes/fixHelpers.ts';
import { ignoreEdit } from '../../source/fixes/fixIgnore.ts';
import { findFixSites, fixInPlace, isSleep, type FixSite } from '../../source/fixes/fixSites.ts';
import type { LoadedFile } from '../../source/project/project.ts';
import { checkFile } from '../checkFile.ts';
import { fixFormOf } from './fixForms.ts';
import { fixTitle, helperTitle } from './fixTitle.ts';

/** The fixes of the findings of a file, in the order of the findings; none for a file with syntax errors. Each leaves a project that compiles as before. */
export function findFixes(file: LoadedFile, options: LintOptions = {}, range?: TextRange): readonly LintFix[] {
  if (!parses(file)) return [];
  const findings = checkFile(file, options).filter((finding) => range === undefined || touches(finding, range));
  if (findings.length === 0) return [];
  const sites = findFixSites(file, options);
  return findings.flatMap((finding) => {
    const site = siteOf(finding, sites);
    return [...(site ? rewriteFixes(file, finding, site) : []), ...ignoreFixes(file, finding)];
  });
}

/** One fix that does what all safe fixes of a file do, its place that of the first; undefined where there is none. */
export function fixAllSafe(file: LoadedFile, options: LintOptions = {}): LintFix | undefined {
  if (!parses(file)) return undefined;
  const sites = findFixSites(file, options).filter(isSafe);
  if (sites.length === 0) return undefined;
  const findings = checkFile(file, options);
  const wanted = sites.filter((site) => findings.some((finding) => siteOf(finding, [site])));
  const fix =
    fixTogether(file, wanted) ??
    fixTogether(
      file,
      wanted.filter((site) => fixTogether(file, [site])),
    );
  const [first] = fix?.settled ?? [];
  if (!fix || !first) return undefined;
  const { line, column } = first.blocking.place;
  const findingsSettled = fix.settled.length;
  return {
    title: 'Fix all calls that block the event loop',
    kind: 'rewrite',
    rule: ruleOf(first.blocking.cause),
    line,
    column,
    edits: fix.edits,
    safe: true,
    findings: findingsSettled,
  };
}

function fixTogether(file: LoadedFile, sites: readonly FixSite[]): ReturnType<typeof fixInPlace> | undefined {
  const fix = fixInPlace(file, sites, fixFormOf);
  return fix.settled.length > 0 && compilesWith(file, fix.edits) ? fix : undefined;
}

function rewriteFixes(file: LoadedFile, { rule, line, column }: Finding, site: FixSite): readonly LintFix[] {
  if (site.blocking.chain.length > 0) {
    const fix = helperFix(file, site);
    return fix ? [{ ...fix, kind: 'rewrite', rule, line, column, safe: false, findings: 1 }] : [];
  }
  const fix = fixTogether(file, [site]);
  if (!fix) return [];
  return [
    { title: fixTitle(site, fix.edits), kind: 'rewrite', rule, line, column, edits: fix.edits, safe: isSafe(site), findings: 1 },
  ];
}

/** Callers elsewhere change with it: never applied unseen. */
function helperFix(file: LoadedFile, site: FixSite): Pick<LintFix, 'title' | 'edits' | 'lengths'> | undefined {
  const fix = fixThroughHelpers(file, site, fixFormOf);
  if (!fix || 'missing' in fix || !compilesWith(file, fix.edits)) return undefined;
  const paths = new Set(fix.edits.map(({ path }) => path));
  const lengths = [...paths].map((path) => [path, file.program.getSourceFile(path)?.text.length ?? 0] as const);
  return { title: helperTitle(fix), edits: fix.edits, lengths: Object.fromEntries(lengths) };
}

/** Files that have to be loaded before it can be told whether helpers of findings can be made async. */
export function filesMissing(file: LoadedFile, options: LintOptions = {}, range?: TextRange): readonly string[] {
  if (!parses(file)) return [];
  const findings = checkFile(file, options).filter((finding) => finding.chain.length > 0 && (!range || touches(finding, range)));
  const sites = findings.length > 0 ? findFixSites(file, options) : [];
  return findings.flatMap((finding) => {
    const site = siteOf(finding, sites);
    const fix = site && fixThroughHelpers(file, site, fixFormOf);
    return fix && 'missing' in fix ? fix.missing : [];
  });
}

function ignoreFixes(file: LoadedFile, { rule, line, column }: Finding): readonly LintFix[] {
  const edit = ignoreEdit(file.sourceFile, line, rule);
  return edit
    ? [
        {
          title: `Ignore ${rule} on this line`,
          kind: 'ignore',
          rule,
          line,
          column,
          edits: [{ path: file.path, ...edit }],
          safe: false,
          findings: 1,
        },
      ]
    : [];
}

/**
 * Whether the program does the same afterwards, whoever else runs meanwhile. Looking whether a file is there is followed by a step
 * that counts on the answer, and a child process shows no more what it writes to standard error: those are for people to decide.
 */
function isSafe(site: FixSite): boolean {
  const { cause, chain } = site.blocking;
  if (chain.length > 0) return false;
  if (cause.type !== 'call' || isSleep(site)) return true;
  const form = fixFormOf(cause.api);
  return (
    form !== undefined && form.type !== 'process' && !(form.type === 'call' && (form.after !== '' || form.name === 'pathExists'))
  );
}

function siteOf({ rule, line, column }: Finding, sites: readonly FixSite[]): FixSite | undefined {
  return sites.find(({ blocking: { cause, place } }) => ruleOf(cause) === rule && place.line === line && place.column === column);
}

function touches(finding: TextRange, range: TextRange): boolean {
  const isBefore = (line: number, column: number, other: number, otherColumn: number): boolean =>
    line < other || (line === other && column < otherColumn);
  return (
    !isBefore(finding.endLine, finding.endColumn, range.line, range.column) &&
    !isBefore(range.endLine, range.endColumn, finding.line, finding.column)
  );
}
