import type { BlockingApi } from './blockingCatalogue.ts';
import type { ExternalValue } from '../symbols/symbolValue.ts';

/** Functions that people say block, or do not, as `module#export`, `module#Class.prototype.method` or the path of a global. */
export interface NamedApis {
  readonly blocking?: readonly string[];
  readonly nonblocking?: readonly string[];
}

/** What people's lists say of external values. */
export interface OwnApis {
  /** The entry for a value on the list of what blocks. */
  find(value: ExternalValue): BlockingApi | undefined;
  /** True for a value, or what the catalogue knows it as, on the list of what does not block. */
  isLifted(value: ExternalValue, api: BlockingApi): boolean;
  /** Last names of methods on the list: worth asking the type of the object for. */
  readonly methodNames: ReadonlySet<string>;
}

/** Reads the lists once per check of a program. */
export function readOwnApis({ blocking = [], nonblocking = [] }: NamedApis): OwnApis {
  const listed = new Map(blocking.map((text) => [keyOfText(text), apiOf(text)]));
  const lifted = new Set(nonblocking.map(keyOfText));
  return {
    find: (value) => {
      const api = listed.get(keyOf(value.specifier, value.path));
      return api && !lifted.has(keyOf(value.specifier, value.path)) ? api : undefined;
    },
    isLifted: (value, api) =>
      lifted.size > 0 &&
      (lifted.has(keyOf(value.specifier, value.path)) ||
        (api.origin === 'global' ? [undefined] : api.specifiers).some((specifier) => lifted.has(keyOf(specifier, [api.export])))),
    methodNames: new Set(
      [...listed.values()].filter((api) => api.export.includes('.prototype.')).map((api) => lastOf(api.export)),
    ),
  };
}

function apiOf(text: string): BlockingApi {
  const [module, name] = splitText(text);
  return {
    id: `setting.${text}`,
    origin: module === undefined ? 'global' : 'package',
    specifiers: module === undefined ? [] : [module],
    export: name === '' ? '()' : name,
    kind: 'declared',
    detect: 'call',
    blocksWhen: 'always',
    cost: 'unbounded',
    severity: 'warning',
    autofix: { class: 'none' },
    note: 'the settings of the lint say',
  };
}

function splitText(text: string): readonly [module: string | undefined, name: string] {
  const at = text.lastIndexOf('#');
  // `#internal/db#query`: the specifier of an import map begins with the mark as well.
  return at <= 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
}

function keyOfText(text: string): string {
  const [module, name] = splitText(text.trim());
  return keyOf(module, name === '' ? [] : [name]);
}

/** `node:` in front and `default.` count for nothing; `process` is a global and a module. */
function keyOf(specifier: string | undefined, path: readonly string[]): string {
  const module = specifier?.replace(/^node:/, '');
  const name = path.join('.').replace(/^(?:(?:globalThis|global)\.)+/, '');
  if (module === 'process') return `#process.${name}`;
  return module === undefined ? `#${name}` : `${module}#${name.replace(/^(?:default|\(\))(?:\.|$)/, '')}`;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
