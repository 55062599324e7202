/** Notes what Node tells of promises that nobody handled, and of errors that nobody caught, instead of ending the process. */
export interface RejectionWatch {
  /** Begins a list; the one before is closed. */
  begin(): RejectionList;
}

export interface RejectionList {
  /** The list as text. What comes later belongs to no list. */
  end(describe: (reason: unknown) => string): readonly string[];
}

interface Entry {
  readonly event: string;
  readonly reason: unknown;
}

let current: Entry[] = [];

function note(event: string, reason: unknown): void {
  current.push({ event, reason });
}

/** To be called once in a process. */
export function installRejectionWatch(): void {
  process.on('unhandledRejection', (reason) => note('unhandled', reason));
  process.on('rejectionHandled', () => note('handled late', ''));
  process.on('uncaughtException', (error) => note('uncaught', error));
}

export const rejectionWatch: RejectionWatch = {
  begin() {
    const entries: Entry[] = [];
    current = entries;
    return {
      end(describe) {
        current = [];
        return entries.map(({ event, reason }) => `${event} ${describe(reason)}`);
      },
    };
  },
};
