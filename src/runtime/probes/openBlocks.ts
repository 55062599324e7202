/** Blocking calls and loops that have begun; of those that never ended the newest {@link mostOpen} are kept. */
export interface OpenBlocks {
  /** Returns a token, above 0. */
  begin(site: number, nowUnits: number): number;
  /** The length of a call that ends, in units of 100 ns; -1 where it is none that is open. */
  end(token: number, nowUnits: number): number;
  /** The site of a call that ended last by this token. */
  siteOf(token: number): number;
  /** The same where it is asked for the first time of that site, else 0; of {@link mostTold} sites and no more. */
  newSiteOf(token: number): number;
}

const mostOpen = 1024;
const mostTold = 1000;
/** Sites with higher ids are not told. */
const highestTold = 0xffff;

export function createOpenBlocks(): OpenBlocks {
  const sites = new Uint32Array(mostOpen);
  const tokens = new Int32Array(mostOpen);
  const starts = new Float64Array(mostOpen);
  const told = new Uint8Array(highestTold + 1);
  let toldSites = 0;
  let lastToken = 0;
  return {
    begin(site, nowUnits) {
      lastToken = lastToken === 0x3fffffff ? 1 : lastToken + 1;
      const index = lastToken & (mostOpen - 1);
      tokens[index] = lastToken;
      sites[index] = site;
      starts[index] = nowUnits;
      return lastToken;
    },
    end(token, nowUnits) {
      const index = token & (mostOpen - 1);
      if (token === 0 || tokens[index] !== token) return -1;
      tokens[index] = 0;
      return nowUnits - (starts[index] as number);
    },
    siteOf: (token) => sites[token & (mostOpen - 1)] as number,
    newSiteOf(token) {
      const site = sites[token & (mostOpen - 1)] as number;
      if (site > highestTold || told[site] === 1 || toldSites === mostTold) return 0;
      told[site] = 1;
      toldSites++;
      return site;
    },
  };
}
