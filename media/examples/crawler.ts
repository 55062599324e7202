// Fetches pages from a server of its own, follows their links and appends each find to a file. One page fails.
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const pages = new Map([
  ['/', ['/a', '/b', '/broken']],
  ['/a', ['/a/1', '/a/2']],
  ['/b', ['/b/1']],
  ['/a/1', []],
  ['/a/2', ['/b/1']],
  ['/b/1', []],
]);

const server = createServer((request, response) => {
  const links = pages.get(request.url ?? '');
  setTimeout(() => {
    response.statusCode = links ? 200 : 500;
    response.end((links ?? []).map((link) => `<a href="${link}">${link}</a>`).join('\n'));
  }, 50);
});

async function fetchPage(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return await response.text();
}

async function crawlPage(origin: string, path: string, seen: Set<string>, log: string): Promise<void> {
  if (seen.has(path)) return;
  seen.add(path);
  const html = await fetchPage(origin + path);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '');
  await appendFile(log, `${path} ${links.length}\n`);
  const results = await Promise.allSettled(links.map((link) => crawlPage(origin, link, seen, log)));
  for (const result of results) {
    if (result.status === 'rejected') console.log(`failed: ${(result.reason as Error).message}`);
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crawler-'));
  const log = join(folder, 'pages.txt');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await crawlPage(`http://127.0.0.1:${port}`, '/', new Set(), log);
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').sort();
    console.log(lines.join('\n'));
  } finally {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  }
}

await main();
