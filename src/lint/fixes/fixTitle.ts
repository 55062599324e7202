import type { FixSite } from '../../source/fixSites.ts';
import type { HelperFix } from '../../source/fixHelpers.ts';
import { isSleep } from '../../source/fixSites.ts';
import { fixFormOf } from './fixForms.ts';

/** What the fix of a site does, as it stands in a menu: the code that comes, and what a person should know of it. */
export function fixTitle(site: FixSite): string {
  const { cause } = site.blocking;
  const form = cause.type === 'call' ? fixFormOf(cause.api) : undefined;
  if (cause.type !== 'call' || !form || form.type === 'sleep' || isSleep(site))
    return 'Use `await setTimeout(ms)` of `node:timers/promises`';
  switch (form.type) {
    case 'construct':
      return `Use \`await ${form.callee}(…)\``;
    case 'process':
      return `Use \`await promisify(${form.name})(…)\` (what the child writes to standard error is then collected, not shown)`;
    case 'call': {
      const [module = ''] = cause.name.split('.');
      const isPackage = cause.api.origin === 'package';
      const name = isPackage ? form.name : `${/^[A-Z]/.test(module) ? module.toLowerCase() : module}.${form.member}`;
      return form.promisify ? `Use \`await promisify(${name})(…)\`` : `Use \`await ${name}(…)\``;
    }
  }
}

/** What making helpers async comes to. */
export function helperTitle({ helpers, calls }: HelperFix): string {
  const [first, ...others] = helpers;
  const callers = others.length === 0 ? '' : ` and ${others.length === 1 ? `\`${others[0]}\`` : `${others.length} callers`}`;
  return `Make \`${first}\`${callers} async and await ${others.length === 0 ? 'it' : 'them'} (${calls} ${calls === 1 ? 'call' : 'calls'})`;
}
