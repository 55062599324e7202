import { ts } from 'ts-morph';

/** TypeScript's own compiler API, as ts-morph carries it. */
export { ts };
