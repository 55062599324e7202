/** How many command lines are named. */
const mostNamed = 3;

/** Says of child processes that they were not traced, naming the commands that were started most. `commands` holds one entry a process, at least one. */
export function untracedChildren(commands: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const command of commands) counts.set(command, (counts.get(command) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const named = byCount.slice(0, mostNamed).map(([command, count]) => `\`${command}\`${count > 1 ? ` (${count} times)` : ''}`);
  const more = byCount.length > mostNamed ? ` and ${byCount.length - mostNamed} more` : '';
  const [who, them] =
    commands.length === 1
      ? ['1 child process that runs Node was', 'it']
      : [`${commands.length} child processes that run Node were`, 'them'];
  return `${who} not traced, only what waited for ${them} is here: ${named.join(', ')}${more}`;
}
