import type { TextEdit } from '../../shared/lintMessages.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/** Options that mean the same to both forms. */
const sameOptions: ReadonlySet<string> = new Set([
  ...['cwd', 'env', 'timeout', 'maxBuffer', 'shell', 'windowsHide', 'uid', 'gid', 'killSignal'],
]);

/**
 * The edits of a child process's options, so that its output is what it was: a buffer unless an encoding was named.
 * @returns undefined where options mean something else to the other form: `stdio`, `input`, whatever a literal does not tell
 */
export function processOptions(
  call: ts.CallExpression,
  name: 'exec' | 'execFile',
  isUsed: boolean,
  { checker }: SymbolResolver,
): readonly Omit<TextEdit, 'path'>[] | undefined {
  const args = call.arguments;
  if (args.length === 0 || args.some(ts.isSpreadElement)) return undefined;
  const index = name === 'exec' ? 1 : args[1] && ts.isObjectLiteralExpression(args[1]) ? 1 : 2;
  if (args.length > index + 1) return undefined;
  if (name === 'execFile' && args.length === 2 && index === 2 && !isList(args[1]!, checker)) return undefined;
  const options = args[index];
  const buffer = "encoding: 'buffer'";
  if (!options) {
    const end = args.at(-1)!.end;
    return isUsed ? [{ start: end, end, newText: `, { ${buffer} }` }] : [];
  }
  if (!ts.isObjectLiteralExpression(options)) return undefined;
  let encoding: string | undefined;
  for (const property of options.properties) {
    const key = property.name && ts.isIdentifier(property.name) ? property.name.text : undefined;
    if (key === 'encoding' && ts.isPropertyAssignment(property) && ts.isStringLiteral(property.initializer)) {
      encoding = property.initializer.text;
    } else if (key === undefined || !sameOptions.has(key)) return undefined;
  }
  if (encoding !== undefined || !isUsed) return [];
  const [first] = options.properties;
  const start = first ? first.getStart() : options.getStart() + 1;
  return [{ start, end: start, newText: first ? `${buffer}, ` : ` ${buffer} ` }];
}

function isList(argument: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(argument);
  return ts.isArrayLiteralExpression(argument) || checker.isArrayType(type) || checker.isTupleType(type);
}
