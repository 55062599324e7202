import { internals } from '../asyncIds.ts';

type NativeWorker = new (...args: unknown[]) => object;

/** Among what Node gives its native worker: the flags that the program chose, an array where it chose some. */
const flagsAt = 2;

/**
 * A worker thread with flags of its own does not get those of the process, and with them not this bootloader. Imported before Node's module of
 * workers, which takes the native one when it loads: below that no program looks.
 */
function keepBootloader(): void {
  const binding = internals.binding<{ Worker?: NativeWorker }>('worker');
  const native = binding?.Worker;
  if (binding === undefined || typeof native !== 'function') return;
  const { isArray } = Array;
  const { construct } = Reflect;
  binding.Worker = new Proxy(native, {
    construct(target, args: unknown[], newTarget) {
      const given = args[flagsAt];
      if (isArray(given)) {
        const flags: unknown[] = ['--expose-internals', '--require', __filename];
        for (let i = 0; i < given.length; i++) flags[i + 3] = given[i];
        args[flagsAt] = flags;
      }
      return construct(target, args, newTarget) as object;
    },
  });
}

keepBootloader();
