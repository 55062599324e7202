import type { TracedSite } from './model.ts';
import type { TaskState, TraceFacts } from './taskState.ts';

/** How far back among a task's children, and past how many settled ones, an await looks for those whose promises it was given. */
const lookBack = 256;
/** How many children one `Promise.all` without readable operands is linked to at most. */
const mostAwaited = 10_000;

const combinator = /\bPromise\s*\.\s*(all|allSettled|any|race)\b/;
const race = /\bPromise\s*\.\s*(any|race)\b/;

/** The name by which a call names a function: `get` of `Queue.get`, `#load` of `Store.#load`. */
export function calledName(functionName: string): string {
  const name = functionName.replace(/^(?:async |get |set |static )+/, '').replace(/ \[as .*\]$/, '');
  return name.slice(name.lastIndexOf('.') + 1);
}

export function isCombinator(site: TracedSite | undefined): boolean {
  return site !== undefined && combinator.test(site.name);
}

export function isRace(site: TracedSite | undefined): boolean {
  return site !== undefined && race.test(site.name);
}

/**
 * Children of a waiting task whose results its await takes, as far as the source tells: the function is called, or written, within the
 * awaited expression. First those started in the slice before the suspend; for a promise kept in a variable those started earlier.
 */
export function linkedChildren(task: TaskState, facts: TraceFacts): TaskState[] {
  const site = facts.sites.get(task.waitSite);
  if (!site || task.children.length === 0) return [];
  const found: TaskState[] = [];
  for (let i = task.childrenBefore; i < task.children.length; i++) {
    const child = task.children[i]!;
    if (child.startOrder < task.waitOrder && isCalledIn(site, child, facts)) found.push(child);
  }
  if (found.length === 0 && site.callees) {
    const earliest = Math.max(0, task.childrenBefore - lookBack);
    for (let i = earliest; i < task.childrenBefore; i++) {
      const child = task.children[i]!;
      if (child.settledOrder > task.waitOrder && site.callees.includes(child.calledAs)) found.push(child);
    }
  }
  return found;
}

/** True where a call of the child's function, or the function itself, stands in the expression of the await point. */
export function isCalledIn(
  site: TracedSite,
  child: Pick<TaskState, 'calledAs' | 'siteId'>,
  facts: Pick<TraceFacts, 'sites'>,
): boolean {
  if (site.callees?.includes(child.calledAs)) return true;
  const written = facts.sites.get(child.siteId);
  if (!written || written.file !== site.file) return false;
  return !isBefore(written, site.line, site.column) && isBefore(written, site.endLine, site.endColumn);
}

/**
 * Children the await may take though its source does not name them (`await run()` where `run` returns what `inner()` gave;
 * `await Promise.all(jobs)`): unsettled at the suspend. A single await takes the last one its slice started.
 */
export function possibleChildren(task: TaskState, facts: TraceFacts): TaskState[] {
  const site = facts.sites.get(task.waitSite);
  if (!site || (site.hint !== undefined && site.hint !== 'task' && site.hint !== 'other')) return [];
  const { children } = task;
  if (isCombinator(site)) {
    const found: TaskState[] = [];
    let settled = 0;
    for (let i = children.length - 1; i >= 0 && found.length < mostAwaited && settled < lookBack; i--) {
      const child = children[i]!;
      if (child.settledOrder < task.waitOrder) settled++;
      else if (child.startOrder < task.waitOrder) {
        settled = 0;
        found.push(child);
      }
    }
    return found.reverse();
  }
  if ((site.callees?.length ?? 0) > 1) return [];
  for (let i = children.length - 1; i >= task.childrenBefore; i--) {
    const child = children[i]!;
    if (child.startOrder > task.waitOrder) continue;
    return child.settledOrder > task.waitOrder ? [child] : [];
  }
  return [];
}

function isBefore(place: { readonly line: number; readonly column: number }, line: number, column: number): boolean {
  return place.line < line || (place.line === line && place.column < column);
}
