import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { LintRequest, LintResponse } from '../shared/lintMessages.ts';
import { RequestQueue } from './requestQueue.ts';
import type { LintService } from './lintService.ts';

/** Entry of the lint worker: takes `LintRequest`s, gives exactly one `LintResponse` for each. */
function serve(port: MessagePort): void {
  const queue = new RequestQueue();
  let service: Promise<LintService> | undefined;
  let busy = false;

  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (;;) {
        // What arrived while the last answer was made comes in first: it may make waiting requests stale.
        for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port))
          queue.push(more.message as LintRequest);
        for (const requestId of queue.takeStale()) port.postMessage({ type: 'stale', requestId } satisfies LintResponse);
        const request = queue.shift();
        if (!request) return;
        port.postMessage(await answer(request));
      }
    } finally {
      busy = false;
    }
  };

  const answer = async (request: LintRequest): Promise<LintResponse> => {
    try {
      // ts-morph is loaded with the service, at the first request and not before.
      service ??= import('./lintService.ts').then((module) => new module.LintService());
      return (await service).answer(request);
    } catch (error) {
      return { type: 'failed', requestId: request.requestId, message: error instanceof Error ? error.message : String(error) };
    }
  };

  port.on('message', (request: LintRequest) => {
    queue.push(request);
    void work();
  });
}

if (parentPort) serve(parentPort);
