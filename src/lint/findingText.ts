import type { AsyncBlocking } from '../source/asyncBlocking.ts';
import type { BlockingApi, BlockingKind } from '../source/blockingCatalogue.ts';

/** What a call of each kind and cost does to everybody else, as the predicate of a sentence. */
function hold({ kind, cost }: BlockingApi): string {
  const holds: Readonly<Record<BlockingKind, string>> = {
    'sync-io':
      cost === 'syscall'
        ? 'holds the event loop for a system call, which a slow or remote disk can draw out'
        : 'holds the event loop until the whole file operation is done',
    'sync-process': 'holds the event loop until the child process has ended',
    'sync-cpu':
      cost === 'unbounded'
        ? 'holds the event loop until the code it runs has come to its end'
        : cost === 'cpu'
          ? 'computes on the event loop’s own thread, by design for milliseconds and more'
          : 'holds the event loop while it works through all its data',
    'sync-wait': 'stops the whole thread until something outside it answers',
    'sync-net': 'holds the event loop until the server has answered',
    'sync-db': 'holds the event loop until the database has answered',
    'sync-input': 'holds the event loop until a person has answered',
    'sync-load': 'holds the event loop while a module is loaded and run',
    internal: 'reaches into Node’s own bindings, whose calls hold the event loop',
  };
  return holds[kind];
}

/** What to write instead, as the end of a sentence that begins with `Use`; undefined where nothing takes its place. */
function instead({ replacement, autofix }: BlockingApi): string | undefined {
  if (autofix.text !== undefined && autofix.class !== 'manual') return `\`${autofix.text}\``;
  if (!replacement) return undefined;
  const { text, module, export: name, form } = replacement;
  if (text !== undefined) {
    if (text === 'worker_threads') return 'a worker thread';
    if (text === 'readline/promises' || text === 'fs.promises') return `the functions of \`${text}\``;
    return /^[\w$.@/()#]+$/.test(text) && text !== 'promisify' ? `\`${text}\`` : text;
  }
  if (name === undefined) return undefined;
  const handle = /^FileHandle#(\w+)$/.exec(name);
  if (handle) return `\`${handle[1]}\` of a \`FileHandle\` (from \`fs.promises.open\`)`;
  const plain = name.replace('.prototype.', '.');
  if (form === 'promise') return `\`${plain}\``;
  return `\`${module}.${plain}\` with ${module === 'child_process' ? 'its events or a callback' : 'a callback'}`;
}

/** The message of a finding: names the call, says what it holds, names the replacement; behind helpers, names the way there. */
export function findingText({ cause, chain, within }: AsyncBlocking): string {
  const way = [within, ...chain.map(({ name }) => name)].join(' → ');
  if (cause.type === 'busy-loop') {
    const subject =
      chain.length === 0
        ? `This loop turns until \`${cause.clock}\` has moved on`
        : `A loop behind this call (${way}) turns until \`${cause.clock}\` has moved on`;
    return `${subject}: it holds the event loop and no task can run meanwhile. Use \`await setTimeout(ms)\` of \`node:timers/promises\`.`;
  }
  const { api, name } = cause;
  const replacement = instead(api);
  const subject = chain.length === 0 ? `\`${name}\`` : `\`${name}\`, reached by this call (${way}),`;
  const sentence = `${subject} ${hold(api)}; no other task runs meanwhile.`;
  return replacement === undefined ? sentence : `${sentence} Use ${replacement}.`;
}
