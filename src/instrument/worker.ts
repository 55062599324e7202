// The worker thread that turns files into instrumented text: one request in, one response out.
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type {
  FunctionTextsRequest,
  FunctionTextsResponse,
  InstrumentResponse,
  InstrumentWorkerMessage,
  InstrumentWorkerRequest,
  TransformRequest,
  TransformResponse,
} from '../shared/instrumentMessages.ts';
import { keepCode, lacksCode } from '../source/codeCache.ts';
import { answerWithoutParser, hashText } from './plainAnswer.ts';
import type { FileTransformer } from './transformFile.ts';

// The compiler takes a few hundred milliseconds to load: it begins at once, and plain files do not wait for it.
const loading: Promise<FileTransformer | Error> = import('./transformFile.ts').then(
  ({ FileTransformer: Transformer }) => new Transformer(),
  (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
);

async function answerFunctionTexts(request: FunctionTextsRequest): Promise<FunctionTextsResponse> {
  try {
    const transformer = await loading;
    if (!(transformer instanceof Error)) return transformer.functionTexts(request);
  } catch {
    // The functions keep the text they have.
  }
  return { type: 'function-texts', requestId: request.requestId, bare: '', places: [] };
}

async function answer(request: TransformRequest): Promise<TransformResponse> {
  let source: string | undefined;
  try {
    source = request.source ?? readFileSync(request.path, 'utf8');
    const plain = answerWithoutParser(request, source);
    if (plain) return plain;
    const transformer = await loading;
    if (transformer instanceof Error) throw transformer;
    return transformer.transform(request, source);
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

/** So long after the last answer a run has loaded its files. */
const idleMs = 2000;
let idle: NodeJS.Timeout | undefined;

function send(message: InstrumentWorkerMessage): void {
  // As text: to clone a few hundred sites takes as long as to find them.
  parentPort?.postMessage(JSON.stringify(message));
  clearTimeout(idle);
  if (lacksCode()) idle = setTimeout(keepCode, idleMs).unref();
}

parentPort?.on('message', (request: InstrumentWorkerRequest) => {
  if (request.type === 'end') {
    keepCode();
    // Nothing else keeps the thread alive.
    parentPort?.close();
    return;
  }
  const response: Promise<InstrumentResponse> = request.type === 'transform' ? answer(request) : answerFunctionTexts(request);
  void response.then(send);
});

void loading.then(() => {
  if (lacksCode()) send({ type: 'code-lacking' });
});
