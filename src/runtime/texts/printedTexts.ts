import type { FunctionTextsResponse } from '../../shared/instrumentMessages.ts';
import type { BareSlice } from './functionTexts.ts';

/**
 * The bare texts of the functions of a file that TypeScript printed anew: there the probes changed the layout, so the instrumenter is
 * asked for the functions as they are printed without. Asks once, when the first one is needed.
 */
export function printedTexts(ask: () => FunctionTextsResponse | undefined): BareSlice {
  let bare = '';
  let places: Uint32Array | undefined;
  return (start, end) => {
    if (places === undefined) {
      const answer = ask();
      bare = answer?.bare ?? '';
      places = Uint32Array.from(answer?.places ?? []);
    }
    for (let i = 0; i < places.length; i += 4) {
      if (places[i] === start && places[i + 1] === end) return bare.slice(places[i + 2], places[i + 3]);
    }
    return undefined;
  };
}
