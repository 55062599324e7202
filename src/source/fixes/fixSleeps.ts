import type { TextEdit } from '../../shared/lintMessages.ts';
import { namesOf } from '../fileNames.ts';
import { awaitAround } from './fixAwait.ts';
import type { SleepForm } from './fixForm.ts';
import type { ImportPlan } from './fixImports.ts';
import { bindingOf } from '../moduleBindings.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { ts } from '../typescript.ts';

/** The milliseconds that a call sleeps and does nothing else, as text; undefined where something could wake it or its result is used. */
export function sleepDuration(call: ts.CallExpression, by: SleepForm['by'], resolver: SymbolResolver): string | undefined {
  if (!ts.isExpressionStatement(call.parent)) return undefined;
  if (by === 'milliseconds') return call.arguments.length === 1 ? call.arguments[0]!.getText() : undefined;
  const [array, , , duration] = call.arguments;
  if (!array || !duration || call.arguments.length !== 4) return undefined;
  const isOwn = isFreshArray(array) || (ts.isIdentifier(array) && isOnlySleptOn(array, resolver));
  return isOwn ? duration.getText() : undefined;
}

/** `new Int32Array(new SharedArrayBuffer(4))`: nobody else has it, so nobody notifies it. */
function isFreshArray(expression: ts.Expression): boolean {
  const made = unwrap(expression);
  if (!ts.isNewExpression(made) || !ts.isIdentifier(made.expression) || made.expression.text !== 'Int32Array') return false;
  const buffer = made.arguments?.[0] && unwrap(made.arguments[0]);
  return (
    buffer !== undefined &&
    ts.isNewExpression(buffer) &&
    ts.isIdentifier(buffer.expression) &&
    buffer.expression.text === 'SharedArrayBuffer'
  );
}

/** A constant that holds such an array and is named in nothing but waits. */
function isOnlySleptOn(name: ts.Identifier, { checker }: SymbolResolver): boolean {
  const declaration = checker.getSymbolAtLocation(name)?.valueDeclaration;
  if (!declaration || !ts.isVariableDeclaration(declaration) || declaration.getSourceFile() !== name.getSourceFile())
    return false;
  if (!declaration.initializer || !isFreshArray(declaration.initializer)) return false;
  const statement = declaration.parent.parent;
  if (ts.isVariableStatement(statement) && statement.modifiers) return false;
  const references = namesOf(name.getSourceFile()).get(name.text) ?? [];
  return references.every(
    (reference) =>
      reference === declaration.name ||
      (ts.isCallExpression(reference.parent) &&
        reference.parent.arguments[0] === reference &&
        /^Atomics\.wait$/.test(reference.parent.expression.getText())),
  );
}

/** The milliseconds of `execSync('sleep 1')` and `execFileSync('sleep', ['0.5'])` whose result nobody wants. */
export function commandSleep(call: ts.CallExpression, name: 'exec' | 'execFile'): string | undefined {
  if (!ts.isExpressionStatement(call.parent)) return undefined;
  const [command, list] = call.arguments;
  if (!command || !ts.isStringLiteralLike(command)) return undefined;
  if (name === 'exec') return inMilliseconds(/^\s*sleep\s+(\d+(?:\.\d+)?)s?\s*$/.exec(command.text)?.[1]);
  const seconds = list && ts.isArrayLiteralExpression(list) && list.elements.length === 1 ? list.elements[0] : undefined;
  if (command.text !== 'sleep' || !seconds || !ts.isStringLiteralLike(seconds)) return undefined;
  return inMilliseconds(/^(\d+(?:\.\d+)?)s?$/.exec(seconds.text)?.[1]);
}

function inMilliseconds(seconds: string | undefined): string | undefined {
  return seconds === undefined ? undefined : String(Math.round(Number(seconds) * 1000));
}

/** `await setTimeout(ms)` in the place of a call that sleeps. */
export function rewriteSleep(
  call: ts.CallExpression,
  duration: string,
  imports: ImportPlan,
  { checker }: SymbolResolver,
): readonly Omit<TextEdit, 'path'>[] | undefined {
  const sleep = imports.use('node:timers/promises', 'setTimeout');
  if (sleep === undefined) return undefined;
  const binding = ts.isIdentifier(call.expression) ? bindingOf(call.expression, checker) : undefined;
  if (binding) imports.release(call.expression as ts.Identifier, binding.element, binding.from);
  const { before, after } = awaitAround(call);
  return [{ start: call.getStart(), end: call.end, newText: `${before}${sleep}(${duration})${after}` }];
}
