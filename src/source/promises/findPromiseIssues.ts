import { placeOf, type Place } from '../blocking/asyncBlocking.ts';
import { resolverOf } from '../symbols/programResolver.ts';
import type { LoadedFile } from '../project/project.ts';
import { asyncExecutorAt, lostCallbackAt, type AsyncExecutor, type LostAsyncCallback } from './promiseCallbacks.ts';
import { createPromiseFacts, type PromiseFacts } from './promiseFacts.ts';
import { floatingIn, type FloatingPromise } from './promiseFloating.ts';
import { awaitInLoopAt, type AwaitInLoop } from './promiseLoops.ts';
import { lateAwaitAt, returnInTryAt, type LateAwait, type ReturnInTry } from './promiseOrder.ts';
import { unobservedSiblingsAt, type UnobservedSiblings } from './promiseSiblings.ts';
import { lostUpdateAt, type LostUpdate } from './promiseUpdates.ts';
import { ts } from '../typescript.ts';

/** A place where a promise is not treated as one should be. */
export type PromiseIssue =
  FloatingPromise | AwaitInLoop | LostAsyncCallback | AsyncExecutor | ReturnInTry | UnobservedSiblings | LateAwait | LostUpdate;

const knownFacts = new WeakMap<ts.Program, PromiseFacts>();

function factsOf({ program, checker }: LoadedFile): PromiseFacts {
  const known = knownFacts.get(program);
  if (known) return known;
  const facts = createPromiseFacts(resolverOf(program, checker));
  knownFacts.set(program, facts);
  return facts;
}

/** What is wrong with the promises of a file, in the order of the text. One walk; the checker is asked where the syntax gives reason. */
export function findPromiseIssues(file: LoadedFile): readonly { readonly issue: PromiseIssue; readonly place: Place }[] {
  const { sourceFile } = file;
  const facts = factsOf(file);
  const issues: PromiseIssue[] = [];
  const visit = (node: ts.Node): void => {
    issues.push(...issuesAt(node, facts));
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);
  return issues
    .filter((issue) => !isSettledWithEslint(issue, sourceFile))
    .map((issue) => ({ issue, place: placeOf(sourceFile, issue.node.getStart(sourceFile), issue.node.end) }));
}

function issuesAt(node: ts.Node, facts: PromiseFacts): readonly PromiseIssue[] {
  if (ts.isExpressionStatement(node)) return floatingIn(node, facts);
  if (ts.isCallExpression(node)) return listOf(lostCallbackAt(node, facts) ?? unobservedSiblingsAt(node, facts));
  if (ts.isNewExpression(node)) return listOf(asyncExecutorAt(node, facts));
  if (ts.isReturnStatement(node)) return returnInTryAt(node, facts);
  if (ts.isVariableStatement(node)) return lateAwaitAt(node, facts);
  if (ts.isBinaryExpression(node)) return listOf(lostUpdateAt(node, facts));
  if (ts.isForOfStatement(node) || ts.isForInStatement(node) || ts.isForStatement(node))
    return listOf(awaitInLoopAt(node, facts));
  return [];
}

function listOf(issue: PromiseIssue | undefined): readonly PromiseIssue[] {
  return issue ? [issue] : [];
}

/** ESLint's rules for the same. Who switched one off at a line has looked at it. */
const eslintRules: Readonly<Record<PromiseIssue['rule'], string>> = {
  floating: 'no-floating-promises',
  'await-in-loop': 'no-await-in-loop',
  'lost-async-callback': 'no-misused-promises',
  'async-executor': 'no-async-promise-executor',
  'return-in-try': 'return-await',
  'unobserved-siblings': 'no-floating-promises',
  'late-await': 'no-floating-promises',
  'lost-update': 'require-atomic-updates',
};

function isSettledWithEslint({ rule, node }: PromiseIssue, sourceFile: ts.SourceFile): boolean {
  const name = eslintRules[rule];
  if (!sourceFile.text.includes(name)) return false;
  const starts = sourceFile.getLineStarts();
  const { line } = sourceFile.getLineAndCharacterOfPosition(node.getStart(sourceFile));
  const near = sourceFile.text.slice(starts[Math.max(0, line - 1)], starts[line + 1]);
  const disabled = (text: string): boolean => new RegExp(`(?:eslint|oxlint)-disable[^\\n]*${name}`).test(text);
  return disabled(near) || new RegExp(`(?:eslint|oxlint)-disable\\s[^*]*${name}`).test(sourceFile.text);
}
