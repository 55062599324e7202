import { createHash } from 'node:crypto';
import { isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding, FindingSeverity } from '../shared/lintMessages.ts';
import type { LintResult } from './lintPaths.ts';

/** What a log tells of a rule. */
export interface RuleDescription {
  readonly rule: string;
  /** One or two sentences of plain text. */
  readonly summary: string;
  /** The whole page of the rule as Markdown, and where it is. */
  readonly markdown: string;
  readonly url: string;
}

export interface SarifOptions {
  /** Absolute folder that paths are relative to. */
  readonly cwd: string;
  /** Of Interleave itself. */
  readonly version: string;
  /** All rules that could have reported something. */
  readonly rules: readonly RuleDescription[];
}

const sourceRoot = '%SRCROOT%';
const levels: Readonly<Record<FindingSeverity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/**
 * The findings as a log of the Static Analysis Results Interchange Format (SARIF 2.1.0, OASIS): columns in UTF-16 units, the way to what blocks
 * as a code flow and as related locations, what was left out as notifications.
 */
export function formatFindingsAsSarif(result: LintResult, { cwd, version, rules }: SarifOptions): string {
  const fingerprints = createFingerprints();
  const artifact = (path: string): object => artifactLocation(path, cwd);
  const run = {
    tool: { driver: { name: 'Interleave', version, semanticVersion: version, rules: rules.map(toDescriptor) } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [sourceRoot]: { uri: folderUrl(cwd) } },
    invocations: [
      {
        executionSuccessful: true,
        workingDirectory: { uri: folderUrl(cwd) },
        toolExecutionNotifications: result.notes.map(({ path, text }) => ({
          level: 'note',
          message: { text },
          locations: [{ physicalLocation: { artifactLocation: artifact(path) } }],
        })),
      },
    ],
    results: result.findings.map((finding) => {
      const { rule, severity, message, path, chain } = finding;
      const place = { artifactLocation: artifact(path), region: regionOf(finding) };
      const steps = chain.map((step) => ({
        physicalLocation: { artifactLocation: artifact(step.path), region: { startLine: step.line } },
        message: { text: step.name },
      }));
      const ruleIndex = rules.findIndex((described) => described.rule === rule);
      return {
        ruleId: rule,
        ...(ruleIndex < 0 ? {} : { ruleIndex }),
        level: levels[severity],
        message: { text: message },
        locations: [{ physicalLocation: place }],
        partialFingerprints: { 'interleaveFinding/v1': fingerprints(finding, cwd) },
        ...(steps.length === 0
          ? {}
          : { codeFlows: [codeFlow([{ physicalLocation: place }, ...steps])], relatedLocations: numbered(steps) }),
        // SARIF has one level for both.
        ...(severity === 'hint' ? { properties: { severity } } : {}),
      };
    }),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function toDescriptor({ rule, summary, markdown, url }: RuleDescription): object {
  return {
    id: rule,
    shortDescription: { text: summary },
    help: { text: summary, markdown },
    helpUri: url,
    defaultConfiguration: { level: 'warning' },
  };
}

/** Lines and columns from 1, the end exclusive, as SARIF has them (3.30). */
function regionOf({ line, column, endLine, endColumn }: Finding): object {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function codeFlow(steps: readonly object[]): object {
  return { threadFlows: [{ locations: steps.map((location, nestingLevel) => ({ location, nestingLevel })) }] };
}

function numbered(steps: readonly object[]): object[] {
  return steps.map((step, index) => ({ id: index + 1, ...step }));
}

function artifactLocation(path: string, cwd: string): object {
  const short = relative(cwd, path);
  if (short === '..' || short.startsWith(`..${sep}`) || isAbsolute(short)) return { uri: pathToFileURL(path).href };
  return { uri: short.split(sep).map(encodeURIComponent).join('/'), uriBaseId: sourceRoot };
}

function folderUrl(path: string): string {
  return pathToFileURL(join(path, sep)).href;
}

/** Tells a finding from all others of its file, however its lines move: equal ones by their order. */
function createFingerprints(): (finding: Finding, cwd: string) => string {
  const seen = new Map<string, number>();
  return ({ rule, path, message }, cwd) => {
    const key = JSON.stringify([rule, relative(cwd, path).split(sep).join('/'), message]);
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return createHash('sha256').update(`${key} ${number}`).digest('hex').slice(0, 32);
  };
}
