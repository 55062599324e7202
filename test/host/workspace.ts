import { cp, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './install.ts';

/** A fresh folder with the shipped examples and the programs of test/fixtures/host in it. The caller removes it. */
export async function makeWorkspace(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'interleave-workspace-')));
  await cp(join(projectRoot, 'media/examples'), folder, { recursive: true });
  await cp(join(projectRoot, 'test/fixtures/host'), folder, { recursive: true });
  return folder;
}
