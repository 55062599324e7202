import type { AsyncBlocking } from '../source/blocking/asyncBlocking.ts';
import type { BlockingCause } from '../source/blocking/blockingCause.ts';
import type { BlockingApi, BlockingKind } from '../source/blocking/blockingCatalogue.ts';

/** What a call of each kind and cost does to everybody else, as the predicate of a sentence. */
function hold({ kind, cost, note }: BlockingApi): string {
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
    declared: `holds the event loop, as ${note}`,
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

/** Longer ways are shown by their ends. */
const maxShownSteps = 7;
const sleepInstead = '`await setTimeout(ms)` of `node:timers/promises`';

/** The message of a finding: names the call, says what it holds, names the replacement; behind helpers, names the way there. */
export function findingText(blocking: AsyncBlocking): string {
  const { cause, chain, may } = blocking;
  const isBehind = chain.length > 0;
  const holds = (one: string, loop: string): string =>
    isBehind ? `A loop behind this call (${wayOf(blocking)}) ${may ? 'may turn' : 'turns'} ${loop}` : `${one} turns ${loop}`;
  switch (cause.type) {
    case 'busy-loop':
      return `${holds('This loop', `until \`${cause.clock}\` has moved on`)}: it holds the event loop and no task can run meanwhile. Use ${sleepInstead}.`;
    case 'endless-wait':
      return `${holds('This loop', `until \`${cause.flag}\` changes`)}: what changes it can only run when the loop has ended, so it never ends. Wait for it as a promise, or look at it between two ${sleepInstead}.`;
    case 'starved-loop':
      return starvedText(cause);
    case 'call':
      return callText(blocking, cause);
  }
}

function starvedText({ flag, queue }: Extract<BlockingCause, { type: 'starved-loop' }>): string {
  if (queue !== undefined)
    return `This function queues itself again by \`${queue}\` without end, which comes before every timer and every answer: nothing else ever runs. Use \`setImmediate\`, or an end.`;
  const until = flag === undefined ? '' : ` until \`${flag}\` changes`;
  return `This loop awaits nothing but microtasks${until}: timers and answers never get their turn, so it never ends. Wait for it as a promise, or use ${sleepInstead} between two looks.`;
}

function callText(blocking: AsyncBlocking, { api, name, sleep }: Extract<BlockingCause, { type: 'call' }>): string {
  const { chain, may } = blocking;
  const last = chain.at(-1);
  // A tagged function is where its own way ends: named once.
  const isItself = chain.length === 1 && last?.name === name;
  const subject =
    chain.length === 0 || isItself
      ? `\`${name}\``
      : `\`${name}\`, ${may ? 'which this call may reach' : 'reached by this call'} (${wayOf(blocking)}),`;
  if (sleep) return `${subject} is a sleep that stops the whole thread; no other task runs meanwhile. Use ${sleepInstead}.`;
  const replacement = instead(api);
  const sentence = `${subject} ${hold(api)}; no other task runs meanwhile.`;
  return replacement === undefined ? sentence : `${sentence} Use ${replacement}.`;
}

function wayOf({ within, chain }: AsyncBlocking): string {
  const names = [within, ...chain.map(({ name }) => name)];
  const shown = names.length <= maxShownSteps ? names : [...names.slice(0, 3), '…', ...names.slice(-3)];
  return shown.join(' → ');
}
