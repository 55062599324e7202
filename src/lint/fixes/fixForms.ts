import type { BlockingApi } from '../../source/blocking/blockingCatalogue.ts';
import type { CallForm, FixForm, FixGuard } from '../../source/fixes/fixForm.ts';

/** What the catalogue leaves to people, or knows as a phrase only, and what can be rewritten all the same. */
const ownForms: Readonly<Record<string, FixForm>> = {
  'node:child_process.execSync': { type: 'process', name: 'exec' },
  'node:child_process.execFileSync': { type: 'process', name: 'execFile' },
  'node:fs.existsSync': promiseOf('access', { after: '.then(() => true, () => false)' }),
  'node:fs.realpathSync.native': promiseOf('realpath'),
  'node:fs.globSync': promiseOf('glob', { before: 'Array.fromAsync(', after: ')' }),
  'global.Atomics.wait': { type: 'sleep', by: 'atomics' },
  'pkg:deasync.sleep': { type: 'sleep', by: 'milliseconds' },
  'global.WebAssembly.Module': { type: 'construct', callee: 'WebAssembly.compile' },
  'global.WebAssembly.Instance': { type: 'construct', callee: 'WebAssembly.instantiate', argumentType: 'Module' },
  'pkg:fs-extra.existsSync': twin('pathExists', true),
  // The whole module is the other form.
  'pkg:fast-glob.sync': { ...twin('glob', true), member: '' },
};

/**
 * How a blocking API is written without blocking, from what the catalogue says of it.
 * @returns undefined where only a person can rewrite it
 */
export function fixFormOf(api: BlockingApi): FixForm | undefined {
  const own = ownForms[api.id];
  if (own) return own;
  const { replacement, autofix } = api;
  const name = replacement?.export;
  switch (autofix.class) {
    case 'mechanical':
    case 'mechanical-guarded':
      if (api.id.startsWith('node:fs.')) return name === undefined ? undefined : fileForm(name, guardsOf(autofix.guard));
      return api.origin === 'package' ? packageForm(api) : undefined;
    case 'promisify':
      // Where both forms were run and gave different results, they are not the same.
      if (api.origin !== 'node' || name === undefined || autofix.verified?.startsWith('differs')) return undefined;
      return { ...twin(name, false), promisify: true };
    case 'adapt':
    case 'manual':
    case 'none':
      return undefined;
  }
}

/** `readFile` is in `fs.promises`, `Dir.prototype.close` on the same object. */
function fileForm(name: string, guards: readonly FixGuard[]): CallForm {
  return name.includes('.prototype.') ? twin(name.slice(name.lastIndexOf('.') + 1), false) : promiseOf(name, { guards });
}

function guardsOf(guard: string | undefined): readonly FixGuard[] {
  if (guard === undefined) return [];
  if (guard.includes('throwIfNoEntry')) return ['no-entry'];
  return ['descriptor'];
}

/** Packages have the other form beside the one that blocks: the catalogue names it, or it is the same name without `Sync`. */
function packageForm(api: BlockingApi): CallForm | undefined {
  if (api.id.startsWith('pkg:graceful-fs.')) return undefined;
  const last = api.export.split(/[.#]/).at(-1)!;
  const named = api.replacement?.text;
  const name =
    named !== undefined && /^[\w$]+$/.test(named) ? named : last.endsWith('Sync') ? last.slice(0, -'Sync'.length) : undefined;
  if (name === undefined || api.detect !== 'call') return undefined;
  return { ...twin(name, true), guards: guardsOf(api.autofix.guard) };
}

function promiseOf(name: string, more: Partial<Pick<CallForm, 'before' | 'after' | 'guards'>> = {}): CallForm {
  return { ...twin(name, false), member: `promises.${name}`, subpath: '/promises', ...more };
}

function twin(name: string, proven: boolean): CallForm {
  return { type: 'call', member: name, name, subpath: '', promisify: false, before: '', after: '', proven, guards: [] };
}
