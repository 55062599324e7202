// Takes the place of `ts-morph` in the bundles: there it is a file of its own, large, loaded by the workers alone.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type * as tsMorph from 'ts-morph';
import { runBundle } from './codeCache.ts';

const file = join(import.meta.dirname, 'ts-morph.cjs');
const { interleaveCode: folder } = (workerData ?? {}) as { readonly interleaveCode?: string };
const loaded = folder === undefined ? (createRequire(file)(file) as unknown) : runBundle(file, folder);

export const { Project, ts } = loaded as typeof tsMorph;
