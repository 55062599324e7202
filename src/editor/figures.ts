import { siteStats, type SiteStats } from '../analyze/ledger.ts';
import type { TracedFile, TracedSite, TraceModel } from '../analyze/model.ts';
import type { SiteId } from '../shared/ids.ts';

const cache = new WeakMap<TraceModel, Map<SiteId, SiteStats>>();

/** What a run measured by site; worked out once per model. */
export function figuresOf(model: TraceModel): ReadonlyMap<SiteId, SiteStats> {
  let found = cache.get(model);
  if (!found) cache.set(model, (found = siteStats(model)));
  return found;
}

/** The sites of one file that were waited at or held the loop, in order of the source. */
export function measuredSites(model: TraceModel, file: TracedFile): { readonly site: TracedSite; readonly stats: SiteStats }[] {
  const figures = figuresOf(model);
  return file.siteIds
    .flatMap((id) => {
      const site = model.sites.get(id);
      const stats = figures.get(id);
      return site && stats ? [{ site, stats }] : [];
    })
    .sort((a, b) => a.site.line - b.site.line || a.site.column - b.site.column);
}
