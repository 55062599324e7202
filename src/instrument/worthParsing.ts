import { callbackModules, listenerMethods, reactionMethods, timerFunctions } from '../source/context/callbackApis.ts';
import { blockingApis } from '../source/blocking/blockingCatalogue.ts';

/** Packages in the catalogue: a file that names one may call it under any name. */
const packages = [...new Set(blockingApis.flatMap((api) => (api.origin === 'package' ? api.specifiers : [])))];
const escaped = packages.map((name) => name.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|');

const callbackMethods = [...reactionMethods.keys(), ...listenerMethods].join('|');
const timers = [...timerFunctions, 'nextTick'].join('|');
const modules = ['vm', 'v8', 'module', 'process', 'sqlite', ...callbackModules].join('|');

const signs = new RegExp(
  [
    // `\u` stands for itself in names, so `async` may be hidden behind it.
    String.raw`\basync\b|\bawait\b|\\u`,
    String.raw`Sync\b|\bPromise\b|\bAtomics\b|\bWebAssembly\b|\bnow\b|\bhrtime\b|\buptime\b|\bDate\b`,
    String.raw`\bloadEnvFile\b|\bdlopen\b|\bwriteReport\b`,
    String.raw`\.\s*(?:${callbackMethods})\s*\(|\b(?:${timers})\b`,
    `['"](?:node:)?(?:${modules})['"]|['"](?:${escaped})['"]`,
  ].join('|'),
);

/** False for a JavaScript text that can hold no site: it needs no parser. */
export function worthParsing(text: string): boolean {
  return signs.test(text);
}
