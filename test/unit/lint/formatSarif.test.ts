import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatFindingsAsSarif, type RuleDescription } from '../../../src/lint/formatSarif.ts';
import type { LintResult } from '../../../src/lint/lintPaths.ts';
import type { Finding } from '../../../src/shared/lintMessages.ts';

// The schema as OASIS published it, with the validator of the package that carries it: it is of a draft that newer ones do not read.
const fromSchemaPackage = createRequire(createRequire(import.meta.url).resolve('@microsoft/jest-sarif'));
interface Validate {
  (value: unknown): boolean;
  readonly errors?: unknown;
}
const Ajv = fromSchemaPackage('ajv') as new (options: object) => {
  addMetaSchema(schema: unknown): void;
  compile(schema: unknown): Validate;
};
const ajv = new Ajv({ schemaId: 'auto', allErrors: true, format: 'full' });
ajv.addMetaSchema(fromSchemaPackage('ajv/lib/refs/json-schema-draft-04.json'));
const validate = ajv.compile(fromSchemaPackage('./schemas/sarif-2.1.0-rtm.5.json'));

interface Log {
  readonly runs: readonly [Record<string, unknown> & { readonly results: readonly Record<string, unknown>[] }];
}

const cwd = resolve('/home/me/my app');
const rules: readonly RuleDescription[] = [
  { rule: 'busy-wait', summary: 'A loop.', markdown: '# busy-wait\n', url: 'file:///rules/busy-wait.md' },
  { rule: 'blocking-call', summary: 'A call.', markdown: '# blocking-call\n', url: 'file:///rules/blocking-call.md' },
];
const finding: Finding = {
  rule: 'blocking-call',
  severity: 'warning',
  message: '`fs.readFileSync`, reached by this call (handle → load → fs.readFileSync), holds the event loop.',
  path: join(cwd, 'src', 'größe #1 100%.ts'),
  line: 2,
  column: 3,
  endLine: 2,
  endColumn: 9,
  chain: [
    { path: join(cwd, 'src', 'load.ts'), line: 7, name: 'load' },
    { path: resolve('/home/me/other app/文.ts'), line: 9, name: 'fs.readFileSync' },
  ],
};
const result: LintResult = {
  files: [finding.path],
  findings: [
    finding,
    { ...finding, severity: 'hint', line: 4, endLine: 4, chain: [] },
    { ...finding, severity: 'error', line: 5, endLine: 5 },
  ],
  notes: [{ path: join(cwd, 'big file.js'), text: 'Not checked: longer than 2 MiB, most likely generated.' }],
};

function log(of: LintResult): Log {
  const parsed = JSON.parse(formatFindingsAsSarif(of, { cwd, version: '1.2.3', rules })) as Log;
  validate(parsed);
  assert.deepEqual(validate.errors ?? [], []);
  return parsed;
}

describe('findings as SARIF', () => {
  it('keep to the schema, which takes no less', () => {
    log(result);
    log({ files: [], findings: [], notes: [] });
    assert.equal(validate({ version: '2.1.0', runs: [{ tool: {} }] }), false);
    assert.equal(validate({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [{}] }] }), false);
  });

  it('name rule, level and place', () => {
    const [run] = log(result).runs;
    assert.deepEqual(
      run.results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level]),
      [
        ['blocking-call', 1, 'warning'],
        ['blocking-call', 1, 'note'],
        ['blocking-call', 1, 'error'],
      ],
    );
    assert.deepEqual(run.results[0]!['locations'], [
      {
        physicalLocation: {
          artifactLocation: { uri: 'src/gr%C3%B6%C3%9Fe%20%231%20100%25.ts', uriBaseId: '%SRCROOT%' },
          region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 9 },
        },
      },
    ]);
    assert.equal(run['columnKind'], 'utf16CodeUnits');
    const bases = run['originalUriBaseIds'] as Record<string, { uri: string }>;
    const base = bases['%SRCROOT%']!.uri;
    assert.ok(base.endsWith('/my%20app/'));
    assert.equal(new URL('src/gr%C3%B6%C3%9Fe%20%231%20100%25.ts', base).href, pathToFileURL(finding.path).href);
  });

  it('lead step by step to what blocks, also outside the folder', () => {
    const [first, second] = log(result).runs[0].results as readonly {
      readonly codeFlows?: readonly {
        threadFlows: readonly { locations: readonly { location: unknown; nestingLevel: number }[] }[];
      }[];
      readonly relatedLocations?: readonly { id: number; message: { text: string }; physicalLocation: object }[];
      readonly locations: readonly unknown[];
    }[];
    const steps = first!.codeFlows![0]!.threadFlows[0]!.locations;
    assert.equal(steps.length, 3);
    assert.deepEqual(steps[0], { location: first!.locations[0], nestingLevel: 0 });
    assert.deepEqual(first!.relatedLocations, [
      {
        id: 1,
        physicalLocation: { artifactLocation: { uri: 'src/load.ts', uriBaseId: '%SRCROOT%' }, region: { startLine: 7 } },
        message: { text: 'load' },
      },
      {
        id: 2,
        physicalLocation: {
          artifactLocation: { uri: pathToFileURL('/home/me/other app/文.ts').href },
          region: { startLine: 9 },
        },
        message: { text: 'fs.readFileSync' },
      },
    ]);
    assert.equal(second!.codeFlows, undefined);
    assert.equal(second!.relatedLocations, undefined);
  });

  it('say what was left out', () => {
    const [invocation] = log(result).runs[0]['invocations'] as readonly { toolExecutionNotifications: readonly object[] }[];
    assert.deepEqual(invocation!.toolExecutionNotifications, [
      {
        level: 'note',
        message: { text: 'Not checked: longer than 2 MiB, most likely generated.' },
        locations: [{ physicalLocation: { artifactLocation: { uri: 'big%20file.js', uriBaseId: '%SRCROOT%' } } }],
      },
    ]);
  });

  it('have fingerprints that outlast moved lines and tell equal findings of a file apart', () => {
    const prints = (of: LintResult): unknown[] => log(of).runs[0].results.map((found) => found['partialFingerprints']);
    const moved = {
      ...result,
      findings: result.findings.map((found) => ({ ...found, line: found.line + 40, endLine: found.endLine + 40 })),
    };
    assert.deepEqual(prints(moved), prints(result));
    assert.equal(new Set(prints(result).map((print) => JSON.stringify(print))).size, 3);
  });
});
