import { probeNames } from '../shared/instrumentMessages.ts';

/** The text of a script that puts probes into the global lexical scope, given as an object under the name `carrier`. */
export function probeDeclarations(carrier: string): string {
  const names = Object.entries(probeNames).filter(([role]) => role !== 'task');
  return `const ${names.map(([role, name]) => `${name} = ${carrier}.${role}`).join(', ')};`;
}
