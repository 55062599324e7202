// The worker thread that turns files into instrumented text: one TransformRequest in, one TransformResponse out.
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { TransformRequest, TransformResponse } from '../shared/instrumentMessages.ts';
import { answerWithoutParser, hashText } from './plainAnswer.ts';

type Transform = (request: TransformRequest, source: string) => TransformResponse;

// The compiler takes a few hundred milliseconds to load: it begins at once, and plain files do not wait for it.
const loading: Promise<Transform | Error> = import('./transformFile.ts').then(
  ({ FileTransformer }) => {
    const transformer = new FileTransformer();
    return (request, source) => transformer.transform(request, source);
  },
  (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
);

async function answer(request: TransformRequest): Promise<TransformResponse> {
  let source: string | undefined;
  try {
    source = request.source ?? readFileSync(request.path, 'utf8');
    const plain = answerWithoutParser(request, source);
    if (plain) return plain;
    const transform = await loading;
    if (transform instanceof Error) throw transform;
    return transform(request, source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      type: 'left',
      requestId: request.requestId,
      reason: `could not be instrumented: ${reason}`,
      sourceHash: typeof source === 'string' ? hashText(source) : '',
    };
  }
}

parentPort?.on('message', (request: TransformRequest) => {
  void answer(request).then((response) => parentPort?.postMessage(response));
});
