import type { BlockingUse } from './blockingUses.ts';
import { identifiersOf } from '../identifiers.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { unwrap } from '../symbols/symbolValue.ts';
import { ts } from '../typescript.ts';

/** A shell's sleep and nothing after it. */
const sleepCommand = /^\s*sleep\s+[^;&|]*$/;

/** True for a blocking call that does nothing but let time pass: `Atomics.wait` on memory that nobody else has, `execSync('sleep 1')`. */
export function isSleep({ api, call }: BlockingUse, resolver: SymbolResolver): boolean {
  const [first] = call && !ts.isTaggedTemplateExpression(call) ? (call.arguments ?? []) : [];
  if (!first) return false;
  switch (api.id) {
    case 'global.Atomics.wait':
      return isPrivateMemory(first, resolver);
    case 'node:child_process.execSync':
      return sleepCommand.test(textOf(first) ?? '');
    case 'node:child_process.spawnSync':
    case 'node:child_process.execFileSync':
      return textOf(first) === 'sleep';
    default:
      return false;
  }
}

function textOf(argument: ts.Expression): string | undefined {
  const node = unwrap(argument);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal }) => `1${literal.text}`).join('');
  const isSum = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
  return isSum && ts.isStringLiteralLike(node.left) ? `${node.left.text}1` : undefined;
}

/** `new Int32Array(new SharedArrayBuffer(4))`, also in a constant that is only ever waited on: nobody can wake the thread. */
function isPrivateMemory(argument: ts.Expression, { checker }: SymbolResolver): boolean {
  const node = unwrap(argument);
  if (isFreshArray(node)) return true;
  if (!ts.isIdentifier(node)) return false;
  const symbol = checker.getSymbolAtLocation(node);
  const declaration = symbol?.valueDeclaration;
  if (!symbol || !declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) return false;
  if (!isFreshArray(unwrap(declaration.initializer)) || declaration.getSourceFile() !== node.getSourceFile()) return false;
  return (identifiersOf(node.getSourceFile()).get(node.text) ?? []).every(
    (one) => one === declaration.name || checker.getSymbolAtLocation(one) !== symbol || isWaitedOn(one),
  );
}

function isWaitedOn(node: ts.Identifier): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && parent.arguments[0] === node && /\bAtomics\.wait$/.test(parent.expression.getText());
}

function isFreshArray(node: ts.Expression): boolean {
  const inner =
    ts.isNewExpression(node) && /^(?:Big)?Int(?:32|64)Array$/.test(node.expression.getText()) ? node.arguments?.[0] : undefined;
  return inner !== undefined && ts.isNewExpression(inner) && inner.expression.getText() === 'SharedArrayBuffer';
}
