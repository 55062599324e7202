/**
 * Calls `exiting` once, when the process (or worker) is about to emit `exit`: at the natural end, at `process.exit` and after an
 * uncaught exception. Not a listener: programs count and remove those. `emit` looks the listeners of an event up in
 * `process._events`; an accessor in that object's prototype sees the look-up while nobody listens, and moves into
 * the object itself when somebody does.
 */
export function watchExit(exiting: () => void): void {
  const emitter = process as unknown as { _events: object; _exiting?: boolean };
  let seen = false;
  const look = (): void => {
    if (seen || emitter._exiting !== true) return;
    seen = true;
    exiting();
  };
  const { defineProperty, create, setPrototypeOf } = Object;
  const prototype: object = create(null) as object;
  defineProperty(prototype, 'exit', {
    configurable: true,
    enumerable: false,
    get(): undefined {
      look();
      return undefined;
    },
    set(this: object, listeners: unknown) {
      let current = listeners;
      defineProperty(this, 'exit', {
        configurable: true,
        enumerable: true,
        get(): unknown {
          look();
          return current;
        },
        set(next: unknown) {
          current = next;
        },
      });
    },
  });
  const events = emitter._events as { exit?: unknown };
  const present = Object.getOwnPropertyDescriptor(events, 'exit');
  setPrototypeOf(events, prototype);
  if (present !== undefined) {
    delete events.exit;
    events.exit = present.value;
  }
}
