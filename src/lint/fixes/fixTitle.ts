import type { TextEdit } from '../../shared/lintMessages.ts';
import { calleeOf, isCallLike } from '../../source/blocking/blockingUses.ts';
import type { HelperFix } from '../../source/fixes/fixHelpers.ts';
import { isSleep, type FixSite } from '../../source/fixes/fixSites.ts';
import { fixFormOf } from './fixForms.ts';

const longestCallee = 60;

/** What the fix of a site does, as it stands in a menu: the code that comes, as it will be written, and what a person should know of it. */
export function fixTitle(site: FixSite, edits: readonly TextEdit[]): string {
  const { cause } = site.blocking;
  const form = cause.type === 'call' ? fixFormOf(cause.api) : undefined;
  if (!form || form.type === 'sleep' || isSleep(site) || !isCallLike(site.node))
    return 'Use `await setTimeout(ms)` of `node:timers/promises`';
  const use = `Use \`await ${writtenCallee(site.node, edits)}(…)\``;
  return form.type === 'process' ? `${use} (what the child writes to standard error is then collected, not shown)` : use;
}

/** The callee of a call as the edits leave it, without the `await` in front. */
function writtenCallee(call: Parameters<typeof calleeOf>[0], edits: readonly TextEdit[]): string {
  const callee = calleeOf(call);
  const { fileName, text } = call.getSourceFile();
  let at = call.getStart();
  let written = '';
  for (const { path, start, end, newText } of edits) {
    if (path !== fileName || start < at || end > callee.end) continue;
    written += text.slice(at, start) + newText;
    at = end;
  }
  written = (written + text.slice(at, callee.end)).replace(/^[;(\s]*(?:await\s+)?/, '');
  // Of a long way to the object the end tells enough.
  return written.length <= longestCallee && !written.includes('\n')
    ? written
    : `….${written.slice(written.lastIndexOf('.') + 1)}`;
}

/** What making helpers async comes to. */
export function helperTitle({ helpers, calls }: HelperFix): string {
  const [first, ...others] = helpers;
  const callers = others.length === 0 ? '' : ` and ${others.length === 1 ? `\`${others[0]}\`` : `${others.length} callers`}`;
  return `Make \`${first}\`${callers} async and await ${others.length === 0 ? 'it' : 'them'} (${calls} ${calls === 1 ? 'call' : 'calls'})`;
}
