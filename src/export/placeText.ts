import type { SiteId } from '../shared/ids.ts';
import type { TracedSite, TraceModel } from '../analyze/model.ts';
import { siteCode } from '../analyze/siteCode.ts';

/** Last part of a path, whatever system it is from. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** `L12` in the traced file itself, `queue.ts:12` elsewhere. */
export function placeText(model: TraceModel, site: Pick<TracedSite, 'path' | 'line'>): string {
  return site.path === model.run?.entry ? `L${site.line}` : `${baseName(site.path)}:${site.line}`;
}

/** `L12 await sleep(1000)`; `an unknown place` where the trace does not know the site. */
export function siteText(model: TraceModel, id: SiteId): string {
  const site = model.sites.get(id);
  return site ? `${placeText(model, site)} ${siteCode(site)}` : 'an unknown place';
}
