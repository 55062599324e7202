import * as fs from 'node:fs';
import * as module from 'node:module';
import * as path from 'node:path';
import { mainThread } from '../shared/ids.ts';
import { encodeRecord } from '../shared/traceFrames.ts';
import { claimChannels } from './processes/claimChannels.ts';
import { hideBootloader } from './texts/disguise.ts';
import { findLink, helloOf } from './processes/followedStart.ts';

/**
 * Preloaded by child processes of the traced program: starts the bootloader where this Node is one it was written for. A bundle of its own, in the
 * syntax of older Nodes: which one a child runs is not known before.
 */
function follow(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) {
    module.createRequire(__filename)(path.join(__dirname, 'bootloader.cjs'));
    return;
  }
  const found = findLink(process.execArgv);
  hideBootloader(found === undefined ? __filename : found.flag, [__filename]);
  if (found === undefined) return;
  const channels = claimChannels(found.link.folder);
  if (channels === undefined) return;
  const left = `it runs Node ${process.versions.node}, and Interleave needs 20.19 or newer`;
  fs.writeSync(channels.traceFd, encodeRecord({ ...helloOf(found.link), left }, mainThread));
  for (const fd of [channels.traceFd, channels.requestFd, channels.answerFd]) fs.closeSync(fd);
}

follow();
