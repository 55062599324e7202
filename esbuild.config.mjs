// Bundles everything that ships into dist/. `--watch` rebuilds on change, `--minify` is what the package uses,
// `--only=TEXT` builds the bundles whose output path contains the text.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { ts } from 'ts-morph';

const minify = process.argv.includes('--minify');
const watch = process.argv.includes('--watch');
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length) ?? '';

/**
 * ts-morph is large and loaded at first use only: one bundle of its own, shared by the two workers. Its `ts` has more than two
 * thousand getters, which V8 looks up by their names each time: the bundles get its constants as numbers, and an object of their own with the
 * functions that they use.
 */
const tsMorphApart = {
  name: 'ts-morph-apart',
  setup(build) {
    build.onResolve({ filter: /^ts-morph$/ }, () => ({ path: resolve('src/source/tsMorphBundle.ts') }));
    build.onLoad({ filter: /[\\/]src[\\/](?:source|instrument|lint)[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (/[\\/]typescript\.ts$/.test(path)) return { loader: 'js', contents: typescriptModule };
      return { loader: 'ts', contents: text.replaceAll(/\bts\.([A-Z]\w+)\.([A-Z]\w*)/g, constantText) };
    });
  },
};

const sources = ['source', 'instrument', 'lint'].flatMap((folder) =>
  readdirSync(`src/${folder}`)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`src/${folder}/${name}`, 'utf8')),
);
const functions = new Set(sources.flatMap((text) => [...text.matchAll(/\bts\.([a-z]\w*)\(/g)].map(([, name]) => name)));
const typescriptModule = `const { ts: all } = require('ts-morph');
export const ts = { __proto__: all, ${[...functions].map((name) => `${name}: all.${name}`).join(', ')} };`;

function constantText(text, name, member) {
  const value = ts[name]?.[member];
  return typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : text;
}

/**
 * For the bundles that each program waits for: Node's own modules as they are, where esbuild would copy each of them, with a getter for
 * every name, once for every file that imports it.
 */
const withoutCopies = {
  name: 'without-copies',
  setup(build) {
    build.initialOptions.write = false;
    build.onEnd(async ({ outputFiles = [] }) => {
      for (const { path, text } of outputFiles) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text.replaceAll(/[\w$]+\((require\("node:[\w/]+"\)),\s*1\)/g, '$1'));
      }
    });
  },
};

const common = { bundle: true, minify, sourcemap: minify ? false : 'linked', logLevel: 'warning', legalComments: 'none' };
const node = { ...common, platform: 'node', target: 'node20.19', format: 'cjs', define: { 'import.meta.dirname': '__dirname' } };

const bundles = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.cjs', external: ['vscode'] },
  { ...node, entryPoints: ['src/cli/start.ts'], outfile: 'dist/cli.cjs', banner: { js: '#!/usr/bin/env node' } },
  // The main file of jsonc-parser asks for its parts in a way that no bundler follows.
  { ...node, entryPoints: ['src/cli/main.ts'], outfile: 'dist/cli-main.cjs', mainFields: ['module', 'main'] },
  { ...node, entryPoints: ['src/instrument/worker.ts'], outfile: 'dist/instrument-worker.cjs', plugins: [tsMorphApart] },
  { ...node, entryPoints: ['src/instrument/library.ts'], outfile: 'dist/instrument.cjs', plugins: [tsMorphApart] },
  { ...node, entryPoints: ['src/lint/eslintPlugin.ts'], outfile: 'dist/eslint.cjs', plugins: [tsMorphApart] },
  { ...node, entryPoints: ['src/lint/worker.ts'], outfile: 'dist/lint-worker.cjs', plugins: [tsMorphApart] },
  {
    ...node,
    minify: true,
    sourcemap: false,
    stdin: { contents: "module.exports = require('ts-morph');", resolveDir: '.' },
    outfile: 'dist/ts-morph.cjs',
  },
  // Shorter syntax writes constants of other files as numbers into the probes: V8 inlines by the length of bytecode. Names stay: by
  // them the runtime knows where it was interrupted.
  {
    ...node,
    sourcemap: false,
    minify: false,
    minifyWhitespace: minify,
    minifySyntax: true,
    entryPoints: ['src/runtime/bootloader.ts'],
    outfile: 'dist/runtime/bootloader.cjs',
    plugins: [withoutCopies],
  },
  { ...node, sourcemap: false, entryPoints: ['src/runtime/virtualClock.ts'], outfile: 'dist/runtime/virtualClock.cjs' },
  {
    ...node,
    sourcemap: false,
    entryPoints: ['src/runtime/loaderHooks.ts'],
    outfile: 'dist/runtime/loaderHooks.cjs',
    plugins: [withoutCopies],
  },
  // Read by whatever Node the traced program starts.
  { ...node, sourcemap: false, target: 'node12.2', entryPoints: ['src/runtime/follow.ts'], outfile: 'dist/runtime/follow.cjs' },
  {
    ...node,
    minify: true,
    sourcemap: false,
    platform: 'neutral',
    alias: { 'node:util/types': './src/runtime/bareTypes.ts' },
    entryPoints: ['src/runtime/prelude.ts'],
    outfile: 'dist/runtime/prelude.cjs',
  },
  {
    ...node,
    sourcemap: false,
    format: 'esm',
    entryPoints: ['src/runtime/callExport.ts'],
    outfile: 'dist/runtime/callExport.mjs',
  },
  {
    ...common,
    entryPoints: ['src/webview/timeline.ts'],
    outfile: 'dist/webview/timeline.js',
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
  },
].filter(
  (bundle) => bundle.outfile.includes(only) && (!bundle.entryPoints || bundle.entryPoints.every((path) => existsSync(path))),
);

/** What other programs import, with its declarations: all their types are in the one file. */
const libraries = { 'dist/instrument': 'src/instrument/library.ts', 'dist/eslint': 'src/lint/eslintPlugin.ts' };

async function writeDeclarations(outfile, source) {
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileDeclaration(await readFile(source, 'utf8'), {
    fileName: 'library.ts',
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext },
  });
  await mkdir('dist', { recursive: true });
  await writeFile(`${outfile}.d.cts`, outputText);
}

if (watch) {
  for (const bundle of bundles) await (await esbuild.context(bundle)).watch();
} else {
  if (minify && only === '') await rm('dist', { recursive: true, force: true });
  await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
  for (const [outfile, source] of Object.entries(libraries)) {
    if (`${outfile}.cjs`.includes(only)) await writeDeclarations(outfile, source);
  }
}
