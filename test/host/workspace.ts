import { cp, mkdir, mkdtemp, realpath, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './install.ts';

/** A fresh folder with the shipped examples and the programs of test/fixtures/host in it. The caller removes it. */
export async function makeWorkspace(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'interleave-workspace-')));
  await cp(join(projectRoot, 'media/examples'), folder, { recursive: true });
  await cp(join(projectRoot, 'test/fixtures/host'), folder, { recursive: true });
  // As after `npm install` in a person's project.
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(projectRoot, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  return folder;
}
