import * as fs from 'node:fs';
import * as path from 'node:path';
import { followFiles, readLink, type FollowLink, type ProcessHello } from '../../shared/followed.ts';
import { mainThread } from '../../shared/ids.ts';
import type { FollowedOptions, TargetOptions } from '../../shared/targetOptions.ts';
import { questionFile } from '../../shared/sampleRequest.ts';
import { claimChannels } from './claimChannels.ts';

/** How a process that another traced one started comes to the launcher. */
export interface FollowedStart {
  readonly options: TargetOptions;
  readonly originUnits: number;
  readonly hello: ProcessHello;
}

/** The flag that made Node preload this for a followed child, and what it says; undefined in a process that was started otherwise. */
export function findLink(flags: readonly string[]): { readonly flag: string; readonly link: FollowLink } | undefined {
  for (const flag of flags) {
    const link = readLink(flag);
    if (link !== undefined) return { flag, link };
  }
  return undefined;
}

/**
 * Connects to the launcher; undefined where it is gone: the process then runs untraced.
 * @param quiet whether it has the flag by which it can be asked where it is
 */
export function startFollowed(link: FollowLink, quiet: boolean): FollowedStart | undefined {
  const { folder } = link;
  let given: FollowedOptions;
  try {
    given = JSON.parse(fs.readFileSync(`${folder}/${followFiles.options}`, 'utf8')) as FollowedOptions;
  } catch {
    return undefined;
  }
  const channels = claimChannels(folder);
  if (channels === undefined) return undefined;
  const { questionFolder } = given.options;
  return {
    options: {
      ...given.options,
      traceFd: channels.traceFd,
      transformFd: channels.requestFd,
      answerFd: channels.answerFd,
      followed: { folder, process: channels.process },
      ...(quiet && questionFolder !== undefined ? { sampleFile: questionFile(questionFolder, process.pid) } : {}),
    },
    originUnits: given.originUnits,
    hello: helloOf(link),
  };
}

/** What the process says of itself first. */
export function helloOf(link: FollowLink): ProcessHello {
  const file = process.argv[1];
  return {
    type: 'process',
    thread: mainThread,
    pid: process.pid,
    nodeVersion: process.version,
    name: typeof file === 'string' ? path.basename(file) : 'node',
    parent: link.thread,
    parentProcess: link.process,
    start: link.start,
  };
}
