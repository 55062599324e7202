import * as vm from 'node:vm';
import { probeNames } from '../../shared/instrumentMessages.ts';
import type { InstrumentMade } from '../loading/madeTexts.ts';
import type { Probes } from './probeTypes.ts';
import { madeTextName } from '../loading/testRunners.ts';

/** What the program's realm has: probes, and what the code of test runners calls. */
export type DeclaredProbes = Probes & { readonly made: InstrumentMade };

const probes = Object.entries(probeNames).filter(([role]) => role !== 'task');

/** Names in the global lexical scope are seen by all scripts and modules of the realm, and are no properties of `globalThis`. */
export function declareProbes(declared: DeclaredProbes): void {
  const carrier = '__il_p';
  const globals = globalThis as unknown as Record<string, unknown>;
  globals[carrier] = declared;
  try {
    const names = [...probes, ['made', madeTextName]];
    new vm.Script(`const ${names.map(([role, name]) => `${name} = ${carrier}.${role}`).join(', ')};`).runInThisContext();
  } finally {
    delete globals[carrier];
  }
}

/** The same for a context, whose global may be an object of the program's: nothing is put there on the way. */
export function declareProbesIn(context: object, declared: Probes): void {
  const names = probes.map(([, name]) => name).join(', ');
  const assign = probes.map(([role, name]) => `${name} = p.${role}`).join('; ');
  const script = new vm.Script(`let ${names}; (p) => { ${assign}; };`);
  (script.runInContext(context) as (p: Probes) => void)(declared);
}
