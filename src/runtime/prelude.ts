// What instrumented text calls in a realm that has nothing but the language. Built into a text of its own, in which `node:util/types` is
// bareTypes.ts; src/instrument/library.ts makes the prelude of it.
import { mainThread } from '../shared/ids.ts';
import { createEventLog } from './record/eventLog.ts';
import { restoreFunctionTexts } from './texts/originalText.ts';
import { createProbes } from './probes/probes.ts';

const log = createEventLog();

/** By role, as {@link probeNames} names them. */
export const probes = { ...createProbes(log.buffer, mainThread), events: log.take };

restoreFunctionTexts();
