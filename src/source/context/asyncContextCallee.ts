import { callbackModules, listenerMethods, runAtOnceMethods, timerFunctions } from './callbackApis.ts';
import { projectMembers } from '../project/projectMembers.ts';
import { testFunctions, testModules } from './testFrameworks.ts';
import { ts } from '../typescript.ts';
import type { SymbolResolver } from '../symbols/symbolResolver.ts';
import { isProjectCode } from '../symbols/symbolModules.ts';
import { unwrap, type ExternalValue } from '../symbols/symbolValue.ts';

/**
 * When a call runs a function it is given: `now` within the call, `later` in a turn or microtask of its own, `never-here` in
 * another thread or page or where nothing waits any more; `unknown` where the text does not tell.
 */
export type CallbackTiming = 'now' | 'later' | 'never-here' | 'unknown';

const runAtOnceGlobals: ReadonlySet<string> = new Set([
  ...['Array.from', 'JSON.parse', 'JSON.stringify', 'Object.groupBy', 'Map.groupBy', 'Reflect.apply', 'Promise.try'],
]);
/** Events of `process` after which no loop is held any more. */
const lastEvents: ReadonlySet<string> = new Set([
  'exit',
  'beforeExit',
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'unhandledRejection',
]);
const routeMethods: ReadonlySet<string> = new Set([
  ...[
    'get',
    'post',
    'put',
    'patch',
    'delete',
    'head',
    'options',
    'all',
    'use',
    'route',
    'param',
    'addHook',
    'register',
    'decorate',
  ],
]);
const webFrameworks: ReadonlySet<string> = new Set([
  ...[
    'express',
    'fastify',
    'koa',
    'koa-router',
    '@koa/router',
    'hono',
    'polka',
    'restify',
    'connect',
    'router',
    'find-my-way',
    '@hapi/hapi',
  ],
]);
const workerPools: ReadonlySet<string> = new Set([
  ...[
    'workerpool',
    'piscina',
    'tinypool',
    'threads',
    'jest-worker',
    'comlink',
    'greenlet',
    'worker_threads',
    'node:worker_threads',
  ],
]);
/** Methods whose function is sent to a browser page and runs there. */
const remoteMethods: ReadonlySet<string> = new Set([
  ...[
    'evaluate',
    'evaluateHandle',
    '$eval',
    '$$eval',
    'evaluateAll',
    'addInitScript',
    'waitForFunction',
    'executeScript',
    'executeAsyncScript',
  ],
]);
const exitHooks: ReadonlySet<string> = new Set(['signal-exit', 'exit-hook', 'on-exit-leak-free']);
const errorNames = /^_?(?:err|error|e|er|ex)$/i;
const requestNames = /^_?(?:req|request|ctx|context|c)$/;
/** Parameters whose timings are being found. */
const active = new Set<ts.Node>();

/** When `call` runs the function it gets as argument number `index`; −1 stands for the callee itself. */
export function callbackTiming(
  call: ts.CallExpression | ts.NewExpression,
  index: number,
  resolver: SymbolResolver,
): CallbackTiming {
  const callee = unwrap(call.expression);
  if (index < 0) return 'now';
  const method = ts.isPropertyAccessExpression(callee) ? callee.name.text : undefined;
  const values = resolver.resolve(callee);
  for (const value of values) {
    if (value.kind === 'function') return ownTiming(value.node, index, resolver);
    if (value.kind === 'class') {
      const maker = value.node.members.find((member) => ts.isConstructorDeclaration(member) && member.body);
      return maker ? ownTiming(maker as ts.ConstructorDeclaration, index, resolver) : 'unknown';
    }
    if (value.kind !== 'external') continue;
    const timing = externalTiming(value, call);
    if (timing !== 'unknown') return timing;
  }
  if (values.some((value) => value.kind !== 'external')) return 'unknown';
  if (ts.isNewExpression(call) || method === undefined || !ts.isPropertyAccessExpression(callee)) return nodeStyle(call, index);
  const own = values.length === 0 ? ownMethod(callee, resolver) : undefined;
  if (own) return ownTiming(own, index, resolver);
  return methodTiming(callee, method, call, index, resolver);
}

function externalTiming({ specifier, path }: ExternalValue, call: ts.CallExpression | ts.NewExpression): CallbackTiming {
  const name = path.join('.');
  const module = specifier?.replace(/^node:/, '');
  if (module === undefined) {
    if (timerFunctions.has(name) || name === 'process.nextTick') return 'later';
    if (runAtOnceGlobals.has(name) || (name === 'Promise' && ts.isNewExpression(call))) return 'now';
    if (path[0] === 'process') return processTiming(path.slice(1), call);
    const bare = name.split('.')[0]!;
    if (testFunctions.has(bare)) return 'never-here';
    if (bare === 'Worker') return 'never-here';
    return 'unknown';
  }
  if (module === 'process') return path.join('.') === 'nextTick' ? 'later' : processTiming(path, call);
  if (module === 'timers') return 'later';
  if (/^(?:lodash|lodash-es|underscore)$/.test(module) && !path.includes('()')) return collectionTiming(path.at(-1) ?? '');
  if (exitHooks.has(module) || workerPools.has(specifier!))
    return path.at(-1) === 'on' || path.at(-1) === 'once' ? 'later' : 'never-here';
  if (testModules.test(module)) return 'never-here';
  if (webFrameworks.has(module) && path.includes('()')) return routeMethods.has(path.at(-1)!) ? 'later' : 'unknown';
  if (webFrameworks.has(module) && path.includes('prototype')) return routeMethods.has(path.at(-1)!) ? 'later' : 'unknown';
  if (callbackModules.has(module) && !path.at(-1)?.endsWith('Sync')) {
    // On what a call gave (`fs.readdirSync(p).forEach`) the type of the result decides.
    const onResult = path.includes('()') && runAtOnceMethods.has(path.at(-1)!);
    return onResult || path.includes('promises') ? 'unknown' : 'later';
  }
  return 'unknown';
}

/** Functions over collections run what they are given at once, those that put a call off in a timer. */
function collectionTiming(name: string): CallbackTiming {
  if (/^(?:debounce|throttle|delay|defer)$/.test(name)) return 'later';
  return runAtOnceMethods.has(name) || /^(?:each|forOwn|forIn|mapValues|times|sortBy|groupBy|keyBy|uniqBy|sumBy)$/.test(name)
    ? 'now'
    : 'unknown';
}

function processTiming(path: readonly string[], call: ts.CallExpression | ts.NewExpression): CallbackTiming {
  if (!listenerMethods.has(path[0] ?? '') || path.length !== 1) return 'unknown';
  const event = call.arguments?.[0];
  if (!event || !ts.isStringLiteralLike(event)) return 'later';
  if (lastEvents.has(event.text)) return 'never-here';
  return event.text.startsWith('SIG') && endsProcess(call) ? 'never-here' : 'later';
}

/** A signal handler that ends the process cleans up: what it holds is a loop that is about to stop. */
function endsProcess(call: ts.CallExpression | ts.NewExpression): boolean {
  return /\bprocess\s*\.\s*(?:exit|kill|abort|reallyExit)\s*\(/.test(call.getText());
}

/** `lock.run(…)` where only the type of `lock` is known: the method of its class. */
function ownMethod(
  callee: ts.PropertyAccessExpression,
  { program, checker, facts }: SymbolResolver,
): ts.MethodDeclaration | undefined {
  if (!projectMembers(program, checker).mayBeOwn(callee.name.text)) return undefined;
  const { declarations = [] } = facts.memberAt(callee.name);
  const methods = declarations.filter(ts.isMethodDeclaration).filter(({ body }) => body !== undefined);
  return methods.length === 1 && isProjectCode(methods[0]!.getSourceFile()) ? methods[0] : undefined;
}

function methodTiming(
  callee: ts.PropertyAccessExpression,
  method: string,
  call: ts.CallExpression,
  index: number,
  resolver: SymbolResolver,
): CallbackTiming {
  if (remoteMethods.has(method)) return 'never-here';
  const { checker, facts } = resolver;
  const asks = (question: string, find: (receiver: ts.Type) => boolean): boolean =>
    facts.answer(question, callee, () => find(checker.getTypeAtLocation(callee.expression)));
  if ((method === 'then' && index <= 1) || (method === 'catch' && index === 0) || (method === 'finally' && index === 0)) {
    return asks('reacts', (type) => isUnknown(type) || hasMember(type, 'then')) ? 'later' : 'unknown';
  }
  if (runAtOnceMethods.has(method)) {
    return asks('goes through', (type) => isUnknown(type) || isCollection(type, checker)) ? 'now' : 'unknown';
  }
  if (listenerMethods.has(method) && index === 1) {
    const name = method === 'addEventListener' ? method : 'once';
    const emits = asks('emits', (type) => isUnknown(type) || hasMember(type, name) || hasMember(type, 'emit'));
    return emits || takesEvents(callee, call, resolver) ? 'later' : 'unknown';
  }
  if (routeMethods.has(method) && isRequestHandler(call.arguments[index])) return 'later';
  return nodeStyle(call, index);
}

/** `(err, data) => …` as the last argument, given to something that is not the project's own. */
function nodeStyle(call: ts.CallExpression | ts.NewExpression, index: number): CallbackTiming {
  if (!call.arguments || index !== call.arguments.length - 1) return 'unknown';
  const first = parametersOf(call.arguments[index])?.[0];
  return first && ts.isIdentifier(first.name) && errorNames.test(first.name.text) ? 'later' : 'unknown';
}

function isRequestHandler(argument: ts.Expression | undefined): boolean {
  const parameters = parametersOf(argument);
  if (!parameters || parameters.length < 1) return false;
  const [first] = parameters;
  return first !== undefined && ts.isIdentifier(first.name) && requestNames.test(first.name.text);
}

function parametersOf(argument: ts.Expression | undefined): readonly ts.ParameterDeclaration[] | undefined {
  if (!argument) return undefined;
  const node = unwrap(argument);
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node) ? node.parameters : undefined;
}

/** When a function of the project runs what it is given: `now` where its body calls the parameter, as the callee it is handed on to where that is all it does. */
function ownTiming(node: ts.FunctionLikeDeclaration, index: number, resolver: SymbolResolver): CallbackTiming {
  const parameter = node.parameters[index];
  if (!parameter || !node.body || !ts.isIdentifier(parameter.name)) return 'unknown';
  // Handed round in a circle: whoever calls it on the way decides.
  if (active.has(parameter)) return 'unknown';
  const { name } = parameter;
  const search = (): CallbackTiming => {
    active.add(parameter);
    try {
      return timingOfParameter(node, name, resolver);
    } finally {
      active.delete(parameter);
    }
  };
  return resolver.answers.question<CallbackTiming>('timing of a parameter').find(parameter, search, () => active.size === 0);
}

function timingOfParameter(node: ts.FunctionLikeDeclaration, parameter: ts.Identifier, resolver: SymbolResolver): CallbackTiming {
  const { checker } = resolver;
  const symbol = checker.getSymbolAtLocation(parameter);
  const name = parameter.text;
  let timing: CallbackTiming = 'unknown';
  const visit = (at: ts.Node, nested: CallbackTiming): void => {
    if (timing === 'later') return;
    if (ts.isIdentifier(at) && at.text === name && checker.getSymbolAtLocation(at) === symbol) {
      const { parent } = at;
      const invoked = ts.isPropertyAccessExpression(parent) && /^(?:call|apply)$/.test(parent.name.text) ? parent : at;
      if (ts.isCallExpression(invoked.parent) && invoked.parent.expression === invoked) note(nested);
      else if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
        const position = parent.arguments?.indexOf(at) ?? -1;
        if (position >= 0 && nested === 'now') note(callbackTiming(parent, position, resolver));
      }
    }
    const inner = ts.isFunctionLike(at) && at !== node ? nestedTiming(at, nested) : nested;
    ts.forEachChild(at, (child) => visit(child, inner));
  };
  const note = (seen: CallbackTiming): void => {
    if (seen === 'later' || timing === 'unknown') timing = seen;
  };
  const nestedTiming = (inner: ts.Node, outer: CallbackTiming): CallbackTiming => {
    const { parent } = inner;
    if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) return 'unknown';
    const position = parent.arguments?.indexOf(inner as ts.Expression) ?? -1;
    const own = position < 0 ? (parent.expression === inner ? 'now' : 'unknown') : callbackTiming(parent, position, resolver);
    return own === 'now' ? outer : own;
  };
  // In an async function the call may come after an await; it then still is asynchronous code of that function's own.
  visit(node.body!, 'now');
  return timing;
}

/** `worker.on('failed', …)` of a package that describes no more of its emitter than this one method. */
function takesEvents(callee: ts.PropertyAccessExpression, call: ts.CallExpression, { facts }: SymbolResolver): boolean {
  const [event] = call.arguments;
  if (!event || !ts.isStringLiteralLike(event)) return false;
  const { declarations = [] } = facts.memberAt(callee.name);
  return declarations.length > 0 && declarations.every((one) => one.getSourceFile().isDeclarationFile);
}

function isUnknown(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

function hasMember(type: ts.Type, name: string): boolean {
  return parts(type).some((part) => part.getProperty(name) !== undefined || isUnknown(part));
}

const collections: ReadonlySet<string> = new Set([
  ...[
    'Array',
    'ReadonlyArray',
    'Map',
    'ReadonlyMap',
    'Set',
    'ReadonlySet',
    'NodeList',
    'NodeListOf',
    'String',
    'Iterator',
    'IteratorObject',
  ],
  ...['ArrayIterator', 'MapIterator', 'SetIterator', 'Generator', 'URLSearchParams', 'Headers', 'FormData', 'Buffer'],
]);

function isCollection(type: ts.Type, checker: ts.TypeChecker): boolean {
  return parts(type).some((part) => {
    if ((part.flags & ts.TypeFlags.StringLike) !== 0 || checker.isArrayType(part) || checker.isTupleType(part)) return true;
    const name = part.getSymbol()?.name ?? '';
    return collections.has(name) || /^(?:Big)?(?:Ui|I)nt\d+(?:Clamped)?Array$|^Float\d+Array$/.test(name);
  });
}

function parts(type: ts.Type): readonly ts.Type[] {
  return type.isUnionOrIntersection() ? type.types : [type];
}
