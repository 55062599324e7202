import type { TextEdit } from '../../shared/lintMessages.ts';
import type { BlockingApi } from '../blocking/blockingCatalogue.ts';
import { calleeOf, type CallLike } from '../blocking/blockingUses.ts';
import { awaitAround, splitsUpdate } from './fixAwait.ts';
import { rewriteCallee, shapeOf } from './fixCallee.ts';
import type { CallForm, ConstructForm, FixForm, ProcessForm } from './fixForm.ts';
import { isGuarded } from './fixGuards.ts';
import type { ImportPlan } from './fixImports.ts';
import { processOptions } from './fixProcess.ts';
import { commandSleep, rewriteSleep, sleepDuration } from './fixSleeps.ts';
import { givesPromise } from './fixTwins.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

export type Edit = Omit<TextEdit, 'path'>;

/**
 * The edits that make a blocking call an awaited one, imports left to the plan.
 * @returns undefined where that would behave otherwise, or where it cannot be told
 */
export function rewriteCall(
  call: CallLike,
  api: BlockingApi,
  form: FixForm,
  imports: ImportPlan,
  resolver: SymbolResolver,
): readonly Edit[] | undefined {
  if (ts.isTaggedTemplateExpression(call) || isOptional(call) || splitsUpdate(call)) return undefined;
  if (calleeOf(call) !== call.expression) return undefined;
  switch (form.type) {
    case 'construct':
      return ts.isNewExpression(call) ? rewriteConstruction(call, form, resolver) : undefined;
    case 'sleep': {
      if (!ts.isCallExpression(call)) return undefined;
      const duration = sleepDuration(call, form.by, resolver);
      return duration === undefined ? undefined : rewriteSleep(call, duration, imports, resolver);
    }
    case 'process': {
      if (!ts.isCallExpression(call)) return undefined;
      const duration = commandSleep(call, form.name);
      if (duration !== undefined) return rewriteSleep(call, duration, imports, resolver);
      return rewriteProcess(call, api, form, imports, resolver);
    }
    case 'call':
      return ts.isCallExpression(call) ? rewritePlainCall(call, api, form, imports, resolver) : undefined;
  }
}

function rewritePlainCall(
  call: ts.CallExpression,
  api: BlockingApi,
  form: CallForm,
  imports: ImportPlan,
  resolver: SymbolResolver,
): readonly Edit[] | undefined {
  if (form.guards.some((guard) => isGuarded(guard, call.arguments, resolver))) return undefined;
  const shape = shapeOf(call.expression, api, resolver);
  if (!shape || (form.proven && !givesPromise(call, shape, form, resolver))) return undefined;
  const callee = rewriteCallee(call.expression, shape, form, imports);
  return callee && wrapped(call, callee, awaitAround(call), form);
}

function rewriteProcess(
  call: ts.CallExpression,
  api: BlockingApi,
  { name }: ProcessForm,
  imports: ImportPlan,
  resolver: SymbolResolver,
): readonly Edit[] | undefined {
  const isUsed = !ts.isExpressionStatement(call.parent);
  const options = processOptions(call, name, isUsed, resolver);
  const shape = options && shapeOf(call.expression, api, resolver);
  if (!shape) return undefined;
  const callee = rewriteCallee(call.expression, shape, { member: name, name, subpath: '', promisify: true }, imports);
  return callee && [...options, ...wrapped(call, callee, awaitAround(call, isUsed ? 'stdout' : undefined), plain)];
}

function rewriteConstruction(
  call: ts.NewExpression,
  { callee, argumentType }: ConstructForm,
  { checker }: SymbolResolver,
): readonly Edit[] | undefined {
  const [first] = call.arguments ?? [];
  if (!first || !call.expression.getText().startsWith(callee.slice(0, callee.lastIndexOf('.') + 1))) return undefined;
  if (argumentType !== undefined && checker.getTypeAtLocation(first).getSymbol()?.name !== argumentType) return undefined;
  const { before, after } = awaitAround(call);
  const edits = [{ start: call.getStart(), end: call.expression.end, newText: before + callee }];
  return after === '' ? edits : [...edits, { start: call.end, end: call.end, newText: after }];
}

const plain = { before: '', after: '' };

/** The new callee with the `await` before it and what goes behind the call. */
function wrapped(
  call: ts.CallExpression,
  callee: Edit,
  around: { readonly before: string; readonly after: string },
  form: Pick<CallForm, 'before' | 'after'>,
) {
  const start = call.getStart();
  const edits: Edit[] = [];
  const before = around.before + form.before;
  if (callee.start === start) edits.push({ ...callee, newText: before + callee.newText });
  else {
    if (before !== '') edits.push({ start, end: start, newText: before });
    edits.push(callee);
  }
  const after = form.after + around.after;
  if (after !== '') edits.push({ start: call.end, end: call.end, newText: after });
  return edits;
}

function isOptional(call: CallLike): boolean {
  return (call.flags & ts.NodeFlags.OptionalChain) !== 0 && ts.isCallExpression(call) && call.questionDotToken !== undefined;
}
