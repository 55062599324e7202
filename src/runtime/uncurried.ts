/** A method as a function that takes the receiver first; what the program puts in the method's place later does not reach it. */
export const uncurried = <T>(method: unknown): T => Function.prototype.call.bind(method as () => void) as unknown as T;
