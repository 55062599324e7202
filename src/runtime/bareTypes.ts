// Stands in for `node:util/types` where there is no Node: in the prelude for bare realms.

type IsError = (value: unknown) => boolean;
/** ECMAScript 2026; Node 24 has it. */
const isError = (Error as { readonly isError?: IsError }).isError;

/** True for objects made by the constructors of errors. Without a way to ask that runs no code of the program: false. */
export const isNativeError: IsError = isError ?? (() => false);

/** The language cannot tell: whatever might be one counts as one, and is left alone. */
export const isProxy: (value: unknown) => boolean = () => true;
