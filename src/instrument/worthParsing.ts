import { blockingApis } from '../source/blockingCatalogue.ts';

/** Packages in the catalogue: a file that names one may call it under any name. */
const packages = [...new Set(blockingApis.flatMap((api) => (api.origin === 'package' ? api.specifiers : [])))];
const escaped = packages.map((name) => name.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|');

/** `\u` stands for itself in names, so `async` may be hidden behind it. */
const signs = new RegExp(
  `\\basync\\b|\\bawait\\b|Sync\\b|\\bPromise\\b|\\bAtomics\\b|\\bWebAssembly\\b|\\bnow\\b|\\bhrtime\\b|\\buptime\\b|\\bDate\\b|\\\\u|['"](?:node:)?(?:crypto|dgram|vm|v8|inspector|module|process|sqlite)['"]|\\bloadEnvFile\\b|\\bdlopen\\b|\\bwriteReport\\b|['"](?:${escaped})['"]`,
);

/** False for a JavaScript text that can hold no site: it needs no parser. */
export function worthParsing(text: string): boolean {
  return signs.test(text);
}
