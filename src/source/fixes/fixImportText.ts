import { bareModule, moduleStatements, type ModuleStatement } from '../moduleBindings.ts';
import { ts } from '../typescript.ts';

/** An export that is taken from a module, and its name here; `*` takes the whole module. */
export interface Taken {
  readonly module: string;
  readonly name: string;
  readonly local: string;
}

/** The statement that a new one is put behind and written like: the last of its file, imports before `require`. */
export function importAnchor(sourceFile: ts.SourceFile): ModuleStatement | undefined {
  const all = moduleStatements(sourceFile).filter(({ statement }) => !usesAwait(statement));
  const last = (style: ModuleStatement['style']): ModuleStatement | undefined => all.filter((one) => one.style === style).at(-1);
  return last('import') ?? last('import-equals') ?? last('require');
}

function usesAwait(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) && /=\s*await\b/.test(statement.getText());
}

/** The statements that bring in what is wanted, one a module, in the style of another: its quotes, braces, semicolon, keyword, and the `node:` it has or has not. */
export function writeImport(like: ModuleStatement, wanted: readonly Taken[]): readonly string[] {
  const { statement, style, specifier } = like;
  const text = statement.getText();
  const quote = specifier.getText()[0] === '"' ? '"' : "'";
  const end = text.endsWith(';') ? ';' : '';
  const byModule = new Map<string, Taken[]>();
  for (const one of wanted) byModule.set(one.module, [...(byModule.get(one.module) ?? []), one]);
  return [...byModule].map(([module, list]) => {
    const quoted = `${quote}${prefixLike(like, module)}${quote}`;
    if (style === 'import-equals') return `import ${list[0]!.local} = require(${quoted})${end}`;
    const names = list
      .map(({ name, local }) => (name === local ? name : `${name}${style === 'require' ? ': ' : ' as '}${local}`))
      .join(', ');
    const braces = /\{\S/.test(text) ? `{${names}}` : `{ ${names} }`;
    if (style === 'import') return `import ${braces} from ${quoted}${end}`;
    const keyword = /^\w+/.exec(text)![0];
    const call = text
      .slice(text.lastIndexOf('=', specifier.getStart() - statement.getStart()) + 1)
      .replace(/;$/, '')
      .trim();
    const at = call.indexOf(specifier.getText());
    return `${keyword} ${braces} = ${call.slice(0, at)}${quoted}${call.slice(at + specifier.getText().length)}${end}`;
  });
}

/** A specifier with `node:` in front where the file writes it so. */
function prefixLike({ statement, specifier }: ModuleStatement, module: string): string {
  if (!module.startsWith('node:')) return module;
  const bare = bareModule(module);
  const own = habitOf(specifier.text);
  const habit =
    own ??
    moduleStatements(statement.getSourceFile())
      .map((one) => habitOf(one.specifier.text))
      .find((one) => one !== undefined);
  return habit === false ? bare : module;
}

const nodeModule =
  /^(?:node:.+|(?:assert|buffer|child_process|crypto|events|fs|http|https|net|os|path|process|stream|timers|url|util|worker_threads|zlib)(?:\/promises)?)$/;

/** Whether a specifier of one of Node's modules has its prefix; undefined for every other. */
function habitOf(specifier: string): boolean | undefined {
  return nodeModule.test(specifier) ? specifier.startsWith('node:') : undefined;
}
