/** Why a file got no probes although nothing is wrong: there is nothing in it to see. */
export const noAsyncCode = 'no async code';
