import { ts } from '../typescript.ts';
import type { BlockingApi } from './blockingCatalogue.ts';
import { hasOption } from './blockingLookup.ts';
import type { ExternalValue } from '../symbols/symbolValue.ts';

/** Blocking shapes that are more than a name: the arguments decide, or the name is one of a family. */
function pattern(
  id: string,
  about: Pick<BlockingApi, 'kind' | 'cost' | 'severity' | 'export'> & { readonly instead?: string },
): BlockingApi {
  const { instead, ...rest } = about;
  return {
    id: `pattern.${id}`,
    origin: 'global',
    specifiers: [],
    detect: 'call',
    blocksWhen: 'always',
    autofix: { class: 'manual' },
    ...rest,
    ...(instead === undefined ? {} : { replacement: { text: instead } }),
  };
}

const syncXhr = pattern('sync-xhr', {
  export: 'XMLHttpRequest.open',
  kind: 'sync-net',
  cost: 'unbounded',
  severity: 'error',
  instead: 'fetch',
});
const syncAjax = pattern('jquery-sync', {
  export: '$.ajax',
  kind: 'sync-net',
  cost: 'unbounded',
  severity: 'error',
  instead: 'fetch',
});
const dialogs: ReadonlySet<string> = new Set(['alert', 'confirm', 'prompt']);

/** The pattern that a call of an external value is, by what it is given. */
export function matchPattern(value: ExternalValue, args: readonly ts.Expression[]): BlockingApi | undefined {
  const { specifier, path } = value;
  const name = path.join('.');
  if (specifier === 'jquery' || (specifier === undefined && (path[0] === '$' || path[0] === 'jQuery'))) {
    return path.at(-1) === 'ajax' && args.some((arg) => hasOption(arg, 'async', ts.SyntaxKind.FalseKeyword))
      ? syncAjax
      : undefined;
  }
  if (specifier !== undefined) return undefined;
  if (name === 'XMLHttpRequest.prototype.open') return args[2]?.kind === ts.SyntaxKind.FalseKeyword ? syncXhr : undefined;
  if (dialogs.has(name))
    return pattern('modal', {
      export: name,
      kind: 'sync-input',
      cost: 'unbounded',
      severity: 'hint',
      instead: 'a dialog element',
    });
  if (path[0] === 'Deno' && path.at(-1)!.endsWith('Sync')) {
    return pattern('deno-sync', {
      export: name,
      kind: 'sync-io',
      cost: 'data',
      severity: 'warning',
      instead: name.slice(0, -'Sync'.length),
    });
  }
  return undefined;
}

/** Methods that only a pattern knows and whose object may need a type to be known. */
export const patternMethodNames: ReadonlySet<string> = new Set(['open']);
