import { nsOfParts, partsPerMs, type ClockReading, type VirtualTime } from './virtualClockTime.ts';

/**
 * A function that looks and fails like the original but answers through `apply`. A proxy of a built-in prints as one and keeps
 * its name, length and properties.
 */
function disguised<F extends (...args: never[]) => unknown>(original: F, apply: (self: unknown, args: unknown[]) => unknown): F {
  return new Proxy(original, { apply: (_target, self, args: unknown[]) => apply(self, args) });
}

function replace(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { ...Object.getOwnPropertyDescriptor(owner, key), value });
}

/**
 * Puts `Date`, `performance.now` (with `mark` and `measure`), `process.hrtime` and `process.uptime` on the virtual clock. All begin at the
 * wall clock's reading of this moment, cut to whole milliseconds, and so agree with `performance.timeOrigin`.
 */
export function installClockReads(time: VirtualTime): void {
  const start = readWallClocks();
  installDate(time, start.dateMs);
  installPerformance(time, start.performanceMs);
  installHrtime(time, start.hrtimeNs, start.uptimeSeconds);
}

interface WallReadings {
  readonly dateMs: number;
  readonly performanceMs: number;
  readonly hrtimeNs: bigint;
  readonly uptimeSeconds: number;
}

/** All clocks within a millisecond of one another, each cut to whole milliseconds; a stall in between would set them apart for good. */
function readWallClocks(): WallReadings {
  for (let tries = 10; ; tries--) {
    const performanceMs = performance.now();
    const dateMs = Date.now();
    const hrtimeNs = process.hrtime.bigint();
    const uptimeSeconds = Math.round(process.uptime() * 1e3) / 1e3;
    if (tries > 1 && performance.now() - performanceMs > 1) continue;
    return { dateMs, performanceMs: Math.round(performanceMs), hrtimeNs: hrtimeNs - (hrtimeNs % 1_000_000n), uptimeSeconds };
  }
}

function installDate(time: VirtualTime, startMs: number): void {
  const RealDate = Date;
  const { construct, apply } = Reflect;
  const toText = Reflect.get(RealDate.prototype, 'toString');
  const reading: ClockReading = { ms: 0, parts: 0 };
  const now = (): number => {
    time.read(reading);
    return startMs + reading.ms;
  };
  replace(
    RealDate,
    'now',
    disguised(RealDate.now, () => now()),
  );
  const VirtualDate = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget: new () => Date) =>
      construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => apply(toText, new RealDate(now()), []),
  });
  replace(RealDate.prototype, 'constructor', VirtualDate);
  replace(globalThis, 'Date', VirtualDate);
}

function installPerformance(time: VirtualTime, startMs: number): void {
  const { apply } = Reflect;
  const prototype = Object.getPrototypeOf(performance) as Record<'now' | 'mark' | 'measure', (...args: never[]) => unknown>;
  const { now: realNow, mark, measure } = prototype;
  const reading: ClockReading = { ms: 0, parts: 0 };
  const now = (): number => {
    time.read(reading);
    return startMs + reading.ms + reading.parts / partsPerMs;
  };
  replace(
    prototype,
    'now',
    disguised(realNow, (self) => {
      // The original refuses a receiver that is no Performance.
      apply(realNow, self, []);
      return now();
    }),
  );
  replace(
    prototype,
    'mark',
    disguised(mark, (self, args) => {
      const options = args[1] as { startTime?: unknown } | undefined;
      if (args.length === 0 || options?.startTime !== undefined) return apply(mark, self, args);
      if (typeof options !== 'object' && options !== undefined) return apply(mark, self, args);
      return apply(mark, self, [args[0], { ...options, startTime: now() }]);
    }),
  );
  replace(
    prototype,
    'measure',
    disguised(measure, (self, args) => {
      const [name, start, end] = args;
      if (args.length === 0 || end !== undefined) return apply(measure, self, args);
      if (start === undefined || typeof start === 'string') {
        return apply(measure, self, [name, { ...(start === undefined ? { start: 0 } : { start }), end: now() }]);
      }
      const options = start as { start?: unknown; end?: unknown; duration?: unknown };
      if (typeof options !== 'object' || options.end !== undefined || options.duration !== undefined)
        return apply(measure, self, args);
      return apply(measure, self, [name, { ...options, end: now() }]);
    }),
  );
}

function installHrtime(time: VirtualTime, startNs: bigint, startSeconds: number): void {
  const { apply } = Reflect;
  const realHrtime = process.hrtime;
  const realBigint = Reflect.get(realHrtime, 'bigint');
  const realUptime = Reflect.get(process, 'uptime');
  const reading: ClockReading = { ms: 0, parts: 0 };
  const now = (): bigint => {
    time.read(reading);
    return startNs + BigInt(reading.ms) * 1_000_000n + BigInt(nsOfParts(reading.parts));
  };
  const hrtime = disguised(realHrtime, (self, args) => {
    const since = args[0] as readonly [number, number] | undefined;
    // The original checks its argument.
    if (since !== undefined) apply(realHrtime, self, args);
    const ns = now();
    const seconds = Number(ns / 1_000_000_000n) - (since?.[0] ?? 0);
    const rest = Number(ns % 1_000_000_000n) - (since?.[1] ?? 0);
    return rest < 0 ? [seconds - 1, rest + 1e9] : [seconds, rest];
  });
  realHrtime.bigint = disguised(realBigint, () => now());
  replace(process, 'hrtime', hrtime);
  replace(
    process,
    'uptime',
    disguised(realUptime, () => {
      time.read(reading);
      return startSeconds + (reading.ms + reading.parts / partsPerMs) / 1e3;
    }),
  );
}
