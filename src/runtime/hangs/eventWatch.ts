/** True: nobody shall hear of what is being emitted. */
export type Look = () => boolean | void;

const watched = new Map<string, Look>();
const { defineProperty, create, getPrototypeOf, setPrototypeOf } = Object;
const emitter = process as unknown as { _events: Record<string, unknown> };
let current: object | undefined;

/**
 * Calls `look` whenever the process looks up the listeners of an event: when it emits it, and when somebody asks for them. Not a
 * listener: programs count and remove those. `emit` looks listeners up in `process._events`; an accessor in that object's
 * prototype sees the look-up while nobody listens, and moves into the object itself when somebody does.
 */
export function watchEvent(event: string, look: Look): void {
  watched.set(event, look);
  current = emitter._events;
  install(current as Record<string, unknown>, event, look);
}

/** Where the program has removed all listeners the process has another `_events`: nothing is seen then until {@link watchEventsAgain}. */
export function haveEventsMoved(): boolean {
  return emitter._events !== current;
}

/** True where it was necessary. */
export function watchEventsAgain(): boolean {
  if (!haveEventsMoved()) return false;
  const events = emitter._events;
  current = events;
  watched.forEach((look, event) => install(events, event, look));
  return true;
}

function install(events: Record<string, unknown>, event: string, look: Look): void {
  const prototype = (getPrototypeOf(events) ?? create(null)) as object;
  defineProperty(prototype, event, {
    configurable: true,
    enumerable: false,
    get(): undefined {
      look();
      return undefined;
    },
    set(this: object, listeners: unknown) {
      let now = listeners;
      defineProperty(this, event, {
        configurable: true,
        enumerable: true,
        get(): unknown {
          return look() === true ? undefined : now;
        },
        set(next: unknown) {
          now = next;
        },
      });
    },
  });
  const present = Object.getOwnPropertyDescriptor(events, event);
  setPrototypeOf(events, prototype);
  if (present !== undefined) {
    Reflect.deleteProperty(events, event);
    events[event] = present.value;
  }
}
