import type { SiteId } from '../shared/ids.ts';
import type { TracedSite, TraceModel } from '../analyze/model.ts';

/** Last part of a path, whatever system it is from. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** `L12` in the traced file itself, `queue.ts:12` elsewhere. */
export function placeText(model: TraceModel, site: TracedSite): string {
  return site.path === model.run?.entry ? `L${site.line}` : `${baseName(site.path)}:${site.line}`;
}

const keywords: Partial<Record<TracedSite['kind'], string>> = {
  await: 'await',
  'for-await': 'for await',
  yield: 'yield',
  'yield-star': 'yield*',
  'await-using': 'await using',
  return: 'return',
};

/** What stands at the site, with the keyword that makes it an await point. */
export function codeText(site: TracedSite): string {
  const keyword = keywords[site.kind];
  return keyword === undefined || site.name.startsWith(keyword) ? site.name : `${keyword} ${site.name}`.trimEnd();
}

/** `L12 await sleep(1000)`; `an unknown place` where the trace does not know the site. */
export function siteText(model: TraceModel, id: SiteId): string {
  const site = model.sites.get(id);
  return site ? `${placeText(model, site)} ${codeText(site)}` : 'an unknown place';
}
