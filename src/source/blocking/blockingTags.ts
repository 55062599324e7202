import type { BlockingApi } from './blockingCatalogue.ts';
import { ts } from '../typescript.ts';

/** What `@blocking` or `@nonblocking` in the comment before a function says. */
export type BlockingTag =
  /** Calls of it block, whatever its body shows; `cost` is the tag's text where that is one. */
  | { readonly type: 'blocking'; readonly cost: BlockingApi['cost'] }
  /** Nothing in it counts as blocking. */
  | { readonly type: 'nonblocking' };

const costs: ReadonlySet<string> = new Set<BlockingApi['cost']>(['syscall', 'data', 'cpu', 'unbounded', 'load']);
const mentions = new WeakMap<ts.SourceFile, boolean>();

/** False for a file without any such tag. */
export function mentionsTag(sourceFile: ts.SourceFile): boolean {
  let mentioned = mentions.get(sourceFile);
  if (mentioned === undefined) {
    const { text } = sourceFile;
    // The plain search is by far the quicker one, and all of a program's descriptions are looked at.
    mentioned = text.includes('blocking') && /@(?:non)?blocking\b/.test(text);
    mentions.set(sourceFile, mentioned);
  }
  return mentioned;
}

/** The tag of a function, method or signature; the nearest one counts where there are several. */
export function blockingTagOf(node: ts.Node): BlockingTag | undefined {
  if (!mentionsTag(node.getSourceFile())) return undefined;
  for (const { tagName, comment } of ts.getJSDocTags(node)) {
    if (tagName.text === 'nonblocking') return { type: 'nonblocking' };
    if (tagName.text !== 'blocking') continue;
    const [word = ''] = (ts.getTextOfJSDocComment(comment) ?? '').trim().split(/\s/);
    return { type: 'blocking', cost: costs.has(word) ? (word as BlockingApi['cost']) : 'unbounded' };
  }
  return undefined;
}

/** The entry that a tagged function stands for. */
export function taggedApi(name: string, cost: BlockingApi['cost']): BlockingApi {
  return {
    id: `tagged.${name}`,
    origin: 'global',
    specifiers: [],
    export: name,
    kind: 'declared',
    detect: 'call',
    blocksWhen: 'always',
    cost,
    severity: 'warning',
    autofix: { class: 'none' },
    note: 'its `@blocking` tag says',
  };
}
