import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RuleDescription } from '../lint/formatSarif.ts';
import { rules } from '../lint/rules.ts';
import { distDir } from './installation.ts';

const pagesFolder = join(distDir, '..', 'media', 'rules');

/** All rules there are, those of runs too: what a setting may name. */
export function allRuleNames(): string[] {
  return readdirSync(pagesFolder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))
    .sort();
}

/** What the shipped pages say of the rules that look at source. */
export function describeRules(): RuleDescription[] {
  return rules.map((rule) => {
    const path = join(pagesFolder, `${rule}.md`);
    const markdown = readFileSync(path, 'utf8');
    return { rule, summary: summaryOf(markdown), markdown, url: pathToFileURL(path).href };
  });
}

/** The first paragraph below the title, without its marks. */
function summaryOf(markdown: string): string {
  const [, paragraph = ''] = markdown.split(/\r?\n\r?\n/);
  return paragraph.replaceAll(/\s+/g, ' ').replaceAll('`', '').trim();
}
