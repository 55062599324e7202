import { relative } from 'node:path';
import { hangText, liveReport } from '../analyze/liveReport.ts';
import { LiveTasks } from '../analyze/liveTasks.ts';
import type { RunHandle } from '../run/launchOptions.ts';
import { announceRun } from '../run/runRegistry.ts';
import type { HangRecord } from '../shared/traceRecords.ts';

/** What a run is doing while it runs: for `interleave ps`, and for a line on standard error where the loop is held. */
export interface LiveRun {
  push(bytes: Uint8Array): void;
  /** One line about the hold under way that was just looked at. */
  tellHang(samples: readonly HangRecord[]): void;
  /** From here on others can ask. */
  begin(handle: RunHandle): void;
  end(): void;
}

/** @param say where the lines about holds go; left out, none is said */
export function followLive(cwd: string, say: ((line: string) => void) | undefined): LiveRun {
  const live = new LiveTasks();
  let pid = 0;
  let withdraw = (): void => {};
  return {
    push: (bytes) => live.push(bytes, performance.now()),
    tellHang([sample]) {
      if (say === undefined || sample === undefined) return;
      const text = hangText(liveReport(live, pid, performance.now()), sample.thread, (path) => shortPath(cwd, path));
      if (text !== undefined) say(text);
    },
    begin(handle) {
      pid = handle.pid ?? 0;
      if (pid === 0) return;
      withdraw = announceRun(async () => {
        await handle.flush();
        return liveReport(live, pid, performance.now());
      });
    },
    end: () => withdraw(),
  };
}

/** Relative where that is shorter. */
export function shortPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.length < path.length ? short : path;
}
