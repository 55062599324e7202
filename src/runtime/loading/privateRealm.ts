import * as fs from 'node:fs';
import * as vm from 'node:vm';

/**
 * Runs a CommonJS bundle of ours in a realm of its own and returns what it exports. It has the language's built-ins, all
 * untouched by the program, and `require` for Node's modules; no `process`, `Buffer` or other globals of Node.
 */
export function loadInPrivateRealm<T>(file: string, nodeRequire: NodeJS.Require): T {
  const context = vm.createContext();
  const script = new vm.Script(`(function (exports, module, require) { ${fs.readFileSync(file, 'utf8')}\n})`, { filename: file });
  const run = script.runInContext(context) as (
    exports: unknown,
    module: { exports: unknown },
    nodeRequire: NodeJS.Require,
  ) => void;
  const module = { exports: {} as unknown };
  run(module.exports, module, nodeRequire);
  return module.exports as T;
}
