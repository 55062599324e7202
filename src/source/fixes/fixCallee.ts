import type { TextEdit } from '../../shared/lintMessages.ts';
import type { BlockingApi } from '../blocking/blockingCatalogue.ts';
import type { CallForm } from './fixForm.ts';
import type { ImportPlan } from './fixImports.ts';
import { bindingOf, type ModuleStatement, type NameElement } from '../moduleBindings.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { ts } from '../typescript.ts';

/** The two ways a callee is written that can be rewritten without a doubt; a function kept in a variable is none of them. */
export type CalleeShape =
  /** `fs.readFileSync`, `dir.readSync`: a member of something; `first` is the first name behind it. */
  | { readonly type: 'member'; readonly object: ts.Expression; readonly first: ts.MemberName; readonly end: number }
  /** `readFileSync`, as imported. */
  | {
      readonly type: 'name';
      readonly name: ts.Identifier;
      readonly element: NameElement;
      readonly from: ModuleStatement;
      readonly end: number;
    };

/** How the callee of a blocking call is written; undefined where it cannot be told what another name would mean there. */
export function shapeOf(callee: ts.Expression, api: BlockingApi, resolver: SymbolResolver): CalleeShape | undefined {
  const isMethod = /\.prototype\.|#|^[A-Z]\w*\./.test(api.export);
  const segments = isMethod ? [api.export.split(/[.#]/).at(-1)!] : api.export.split('.');
  const { end } = callee;
  let at = callee;
  for (const segment of segments.slice(1).reverse()) {
    if (!ts.isPropertyAccessExpression(at) || at.questionDotToken || at.name.text !== segment) return undefined;
    at = at.expression;
  }
  if (ts.isPropertyAccessExpression(at)) {
    if (at.questionDotToken || at.flags & ts.NodeFlags.OptionalChain || at.name.text !== segments[0]) return undefined;
    if (!isMethod && !isModule(at.expression, api, resolver)) return undefined;
    return { type: 'member', object: at.expression, first: at.name, end };
  }
  if (!ts.isIdentifier(at)) return undefined;
  const binding = bindingOf(at, resolver.checker);
  if (!binding || binding.imported !== segments[0] || !api.specifiers.includes(binding.from.specifier.text)) return undefined;
  return { type: 'name', name: at, element: binding.element, from: binding.from, end };
}

function isModule(object: ts.Expression, { specifiers }: BlockingApi, resolver: SymbolResolver): boolean {
  const isRequire = ts.isCallExpression(object) && ts.isIdentifier(object.expression) && object.expression.text === 'require';
  if (!ts.isIdentifier(object) && !isRequire) return false;
  const values = resolver.resolve(object);
  return (
    values.length > 0 &&
    values.every((value) => value.kind === 'external' && value.path.length === 0 && specifiers.includes(value.specifier ?? ''))
  );
}

/**
 * Puts another function in the place of the callee.
 * @returns undefined where it cannot be imported
 */
export function rewriteCallee(
  callee: ts.Expression,
  shape: CalleeShape,
  form: Pick<CallForm, 'member' | 'name' | 'subpath' | 'promisify'>,
  imports: ImportPlan,
): Omit<TextEdit, 'path'> | undefined {
  const { end } = shape;
  if (shape.type === 'member' && !form.promisify) {
    // The name alone, so that comments and line breaks before it stay; the dot goes where the object itself is called.
    return form.member === ''
      ? { start: shape.object.end, end, newText: '' }
      : { start: shape.first.getStart(), end, newText: form.member };
  }
  const start = callee.getStart();
  const target =
    shape.type === 'member'
      ? `${shape.object.getText()}.${form.name}`
      : imports.use(moduleOf(shape.from, form), form.name, shape.from);
  if (target === undefined) return undefined;
  if (shape.type === 'name') imports.release(shape.name, shape.element, shape.from);
  if (!form.promisify) return { start, end, newText: target };
  const promisify = imports.use('node:util', 'promisify');
  return promisify === undefined ? undefined : { start, end, newText: `${promisify}(${target})` };
}

function moduleOf({ specifier }: ModuleStatement, { subpath }: Pick<CallForm, 'subpath'>): string {
  const module = specifier.text + subpath;
  return subpath === '' || module.startsWith('node:') ? module : `node:${module}`;
}
