import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RuleDescription } from './formatSarif.ts';
import { rules } from './rules.ts';

/** All rules there are, those of runs too: what a setting may name. `folder` holds the shipped pages, one a rule. */
export function allRuleNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))
    .sort();
}

/** What the shipped pages say of the rules that look at source. */
export function describeRules(folder: string): RuleDescription[] {
  return rules.map((rule) => {
    const path = join(folder, `${rule}.md`);
    const markdown = readFileSync(path, 'utf8');
    return { rule, summary: summaryOf(markdown), markdown, url: pathToFileURL(path).href };
  });
}

/** The first paragraph below the title, without its marks. */
function summaryOf(markdown: string): string {
  const [, paragraph = ''] = markdown.split(/\r?\n\r?\n/);
  return paragraph.replaceAll(/\s+/g, ' ').replaceAll('`', '').trim();
}
