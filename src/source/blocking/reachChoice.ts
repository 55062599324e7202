/** Implementations of one member, any of which may run at a call. */
export interface Choice {
  readonly members: readonly Weighed[];
  /** The heaviest hold that enough of them reach; 0 where too few reach any. */
  open: number;
}

interface Weighed {
  /** Twice the weight of the heaviest hold behind it, and one more where the way there is certain. */
  readonly level: number;
}

/**
 * Of implementations of which few block most calls never meet one that does: `dispose()` of fifty things of which one removes a file.
 * A call counts as one that may block where at least one in this many of them does.
 */
const oneIn = 3;

/** @returns undefined where a single one that blocks is enough */
export function choiceAmong(members: readonly Weighed[] | undefined): Choice | undefined {
  return members && members.length > oneIn ? { members, open: 0 } : undefined;
}

/** Looks again at what the members reach. @returns true where more is open than before */
export function widen(choice: Choice): boolean {
  const weights = choice.members.map(({ level }) => level >> 1).sort((a, b) => b - a);
  const open = weights[Math.ceil(weights.length / oneIn) - 1] ?? 0;
  const isWider = open > choice.open;
  if (isWider) choice.open = open;
  return isWider;
}
