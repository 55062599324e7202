const ownText = 'makes the text of the files it tests itself and runs it through `vm`, so they are not instrumented';

/** Files of test runners that run text which never passes through Node's loaders, and what is to be said of it. */
const evaluating: readonly (readonly [file: RegExp, text: string])[] = [
  [
    /[\\/]node_modules[\\/]vitest[\\/]dist[\\/]worker/,
    `vitest ${ownText}, unless its option \`experimental.viteModuleRunner\` is false (4.1 and newer): then Node loads them`,
  ],
  [/[\\/]node_modules[\\/]vite-node[\\/]dist[\\/]cli\./, `vite-node ${ownText}`],
  [/[\\/]node_modules[\\/]jest-runtime[\\/]build[\\/]/, `jest ${ownText}`],
];

/** Looks at the path of each file that Node loads, and tells of a test runner whose tests are not instrumented when it sees the first file of it. */
export function watchTestRunners(tell: (text: string) => void): (file: string) => void {
  const told = new Set<string>();
  return (file) => {
    if (!file.includes('node_modules')) return;
    const text = evaluating.find(([pattern]) => pattern.test(file))?.[1];
    if (text === undefined || told.has(text)) return;
    told.add(text);
    tell(text);
  };
}
