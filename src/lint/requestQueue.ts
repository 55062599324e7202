import type { LintRequest } from '../shared/lintMessages.ts';

/** Requests in the order they came; a later one of the same type for the same file makes an earlier one stale. */
export class RequestQueue {
  #waiting: LintRequest[] = [];

  push(request: LintRequest): void {
    this.#waiting.push(request);
  }

  shift(): LintRequest | undefined {
    return this.#waiting.shift();
  }

  /** Removes the requests that later ones have overtaken and gives their ids. */
  takeStale(): number[] {
    const latest = new Map<string, LintRequest>();
    for (const request of this.#waiting) latest.set(keyOf(request), request);
    const stale = this.#waiting.filter((request) => canBeStale(request) && latest.get(keyOf(request)) !== request);
    this.#waiting = this.#waiting.filter((request) => !stale.includes(request));
    return stale.map(({ requestId }) => requestId);
  }
}

function keyOf(request: LintRequest): string {
  if (request.type === 'fixes') return `fixes ${request.want} ${request.path}`;
  return request.type === 'load' ? `load ${request.requestId}` : `${request.type} ${request.path}`;
}

/** An answer nobody waits for any more may be left out; a change of what the worker holds may not. */
function canBeStale({ type }: LintRequest): boolean {
  return type !== 'close' && type !== 'load' && type !== 'projectFiles';
}
