import type { TracedSite } from './model.ts';

const keywords: Partial<Record<TracedSite['kind'], string>> = {
  await: 'await',
  'for-await': 'for await',
  yield: 'yield',
  'yield-star': 'yield*',
  'await-using': 'await using',
  return: 'return',
};

/** What stands at the site, with the keyword that makes it an await point. */
export function siteCode(site: Pick<TracedSite, 'kind' | 'name'>): string {
  const keyword = keywords[site.kind];
  return keyword === undefined || site.name.startsWith(keyword) ? site.name : `${keyword} ${site.name}`.trimEnd();
}
