import type { TextEdit } from '../../shared/lintMessages.ts';
import { declarationsOf, namesOf } from '../fileNames.ts';
import { importAnchor, writeImport, type Taken } from './fixImportText.ts';
import {
  bareModule,
  elementNames,
  moduleStatements,
  valueElements,
  type ModuleStatement,
  type NameElement,
} from '../moduleBindings.ts';
import { ts } from '../typescript.ts';

/** Collects what the edits of a file need from modules and what they need no longer, and edits the imports in the file's own style. */
export interface ImportPlan {
  /**
   * How to write an export of a module in this file. What is imported already is used; else it will be imported, beside `near`
   * where that is given.
   * @param module as imported, Node's own with `node:`; the habit of the file decides whether that is written
   * @returns undefined where the file shows no way to import
   */
  use(module: string, name: string, near?: ModuleStatement): string | undefined;
  /** The edits take away this reference to an imported name. */
  release(reference: ts.Identifier, element: NameElement, from: ModuleStatement): void;
  edits(): readonly TextEdit[];
}

interface Wanted extends Taken {
  readonly module: string;
  readonly anchor: ModuleStatement;
}

/** Modules that are a member of another one: `fs.promises` is `fs/promises`. */
const memberModules: Readonly<Record<string, { readonly module: string; readonly member: string }>> = {
  'fs/promises': { module: 'fs', member: 'promises' },
  'timers/promises': { module: 'timers', member: 'promises' },
};

export function createImportPlan(sourceFile: ts.SourceFile): ImportPlan {
  const wanted: Wanted[] = [];
  /** Names that are imported and that the edits use. */
  const kept = new Set<string>();
  const released = new Map<NameElement, { readonly from: ModuleStatement; readonly references: Set<ts.Identifier> }>();

  function use(module: string, name: string, near?: ModuleStatement): string | undefined {
    const imported = existing(module, name);
    if (imported !== undefined) kept.add(imported.split('.')[0]!);
    const known = imported ?? wantedAs(module, name);
    if (known !== undefined) return known;
    const anchor = near ?? importAnchor(sourceFile);
    if (!anchor) return undefined;
    if (anchor.style === 'import-equals') {
      const local = freeName(bareModule(module).split('/')[0]!, `${bareModule(module).replaceAll('/', '')}Module`);
      wanted.push({ module, name: '*', local, anchor });
      return `${local}.${name}`;
    }
    const local = freeName(name, name === 'setTimeout' ? 'delay' : `${name}Async`);
    wanted.push({ module, name, local, anchor });
    return local;
  }

  function existing(module: string, name: string): string | undefined {
    const bare = bareModule(module);
    const outer = memberModules[bare];
    for (const { specifier, whole, wholeIsDefault, list, typeOnly } of moduleStatements(sourceFile)) {
      if (typeOnly) continue;
      const from = bareModule(specifier.text);
      if (from === bare) {
        const element = list && elementFor(list, name);
        if (element !== undefined) return element;
        if (whole && isOnlyDeclaration(whole) && (!wholeIsDefault || bare !== module)) return `${whole.text}.${name}`;
      } else if (outer && from === outer.module) {
        const element = list && elementFor(list, outer.member);
        if (element !== undefined) return `${element}.${name}`;
        if (whole && isOnlyDeclaration(whole)) return `${whole.text}.${outer.member}.${name}`;
      }
    }
    return undefined;
  }

  function elementFor(list: NonNullable<ModuleStatement['list']>, name: string): string | undefined {
    for (const element of valueElements(list)) {
      const names = elementNames(element);
      if (names?.imported === name && isOnlyDeclaration(names.local)) return names.local.text;
    }
    return undefined;
  }

  /** A name declared once in a file means the same everywhere in it. */
  function isOnlyDeclaration(name: ts.Identifier): boolean {
    return declarationsOf(sourceFile, name.text) === 1;
  }

  function wantedAs(module: string, name: string): string | undefined {
    const known = wanted.find((one) => bareModule(one.module) === bareModule(module) && (one.name === name || one.name === '*'));
    return known && (known.name === '*' ? `${known.local}.${name}` : known.local);
  }

  function freeName(first: string, second: string): string {
    const isFree = (name: string): boolean => !namesOf(sourceFile).has(name) && wanted.every(({ local }) => local !== name);
    if (isFree(first)) return first;
    let name = second;
    for (let number = 2; !isFree(name); number++) name = `${second}${number}`;
    return name;
  }

  /** Elements that nothing refers to any more. */
  function unused(): Map<ModuleStatement['statement'], NameElement[]> {
    const byStatement = new Map<ModuleStatement['statement'], NameElement[]>();
    for (const [element, { from, references }] of released) {
      const name = (element.name as ts.Identifier).text;
      const all = namesOf(sourceFile).get(name) ?? [];
      if (kept.has(name) || all.some((other) => other !== element.name && !references.has(other))) continue;
      const list = byStatement.get(from.statement) ?? [];
      list.push(element);
      byStatement.set(from.statement, list);
    }
    return byStatement;
  }

  function edits(): readonly TextEdit[] {
    const dropped = unused();
    const path = sourceFile.fileName;
    const open = [...wanted];
    const result: TextEdit[] = [];
    const lists = new Set<ModuleStatement>([...released.values()].map(({ from }) => from));
    for (const statement of moduleStatements(sourceFile)) {
      if (statement.list && !statement.typeOnly && open.some((one) => isFrom(one, statement))) lists.add(statement);
    }
    const added = new Map([...lists].map((from) => [from, takeFrom(open, (one) => isFrom(one, from))]));
    const behind = new Map<ModuleStatement, Wanted[]>();
    for (const one of open) behind.set(one.anchor, [...(behind.get(one.anchor) ?? []), one]);
    for (const [from, fresh] of added) {
      const { list, statement } = from;
      const gone = dropped.get(statement) ?? [];
      if (!list || (gone.length === 0 && fresh.length === 0)) continue;
      if (gone.length < list.elements.length || fresh.length > 0) {
        result.push({ path, ...writeList(from, list, gone, fresh) });
      } else if (from.whole) {
        result.push({ path, start: from.whole.end, end: list.end, newText: '' });
      } else {
        result.push({ path, ...replaceStatement(from, behind.get(from) ?? []) });
        behind.delete(from);
      }
    }
    for (const [anchor, list] of behind) {
      const { end } = anchor.statement;
      result.push({
        path,
        start: end,
        end,
        newText: writeImport(anchor, list)
          .map((text) => newLine(anchor) + text)
          .join(''),
      });
    }
    return result;
  }

  return {
    use,
    release(reference, element, from) {
      const known = released.get(element);
      if (known) known.references.add(reference);
      else released.set(element, { from, references: new Set([reference]) });
    },
    edits,
  };
}

function isFrom({ module, name, anchor }: Wanted, statement: ModuleStatement): boolean {
  if (name === '*' || bareModule(module) !== bareModule(statement.specifier.text) || !statement.list) return false;
  // A `require` within a function gives names there only.
  return ts.isSourceFile(statement.statement.parent) || anchor.statement === statement.statement;
}

function takeFrom<T>(list: T[], accept: (item: T) => boolean): readonly T[] {
  const taken = list.filter(accept);
  for (const item of taken) list.splice(list.indexOf(item), 1);
  return taken;
}

/** The names between the braces anew: what is added takes the places of what goes, and what stands between them stays. */
function writeList(
  { style }: ModuleStatement,
  list: NonNullable<ModuleStatement['list']>,
  gone: readonly NameElement[],
  added: readonly Taken[],
): Omit<TextEdit, 'path'> {
  const elements: readonly NameElement[] = list.elements;
  const sourceFile = list.getSourceFile();
  const fresh = added.map(({ name, local }) => (name === local ? name : `${name}${style === 'require' ? ': ' : ' as '}${local}`));
  const between = elements.map((element, index) =>
    index === 0 ? '' : sourceFile.text.slice(elements[index - 1]!.end, element.getStart()),
  );
  const parts: { readonly separator: string; readonly text: string }[] = [];
  elements.forEach((element, index) => {
    const text = gone.includes(element) ? fresh.shift() : element.getText();
    if (text !== undefined) parts.push({ separator: between[index]!, text });
  });
  for (const text of fresh) parts.push({ separator: between.at(-1) || ', ', text });
  const newText = parts.map(({ separator, text }, index) => (index === 0 ? text : (separator || ', ') + text)).join('');
  return { start: elements[0]!.getStart(), end: elements.at(-1)!.end, newText };
}

/** The whole statement gives way to others, or to nothing. */
function replaceStatement(anchor: ModuleStatement, list: readonly Taken[]): Omit<TextEdit, 'path'> {
  const { statement } = anchor;
  const { text } = statement.getSourceFile();
  const start = statement.getStart();
  if (list.length > 0) return { start, end: statement.end, newText: writeImport(anchor, list).join(newLine(anchor)) };
  const rest = /^[ \t]*(?:\r\n|\n)/.exec(text.slice(statement.end));
  const isWholeLine = rest !== null && /(?:^|\n)[ \t]*$/.test(text.slice(0, start));
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  return isWholeLine
    ? { start: lineStart, end: statement.end + rest[0].length, newText: '' }
    : { start, end: statement.end, newText: '' };
}

/** A line break of the file with the indentation of a statement. */
function newLine({ statement }: ModuleStatement): string {
  const { text } = statement.getSourceFile();
  const start = statement.getStart();
  const indentation = /[ \t]*$/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))![0];
  return (text.includes('\r\n') ? '\r\n' : '\n') + indentation;
}
