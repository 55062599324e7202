import { watchEvent } from './eventWatch.ts';
import type { QuietInspector } from './quietInspector.ts';

/**
 * For a process that has the quiet flag but is asked by nobody, as where the launcher has ended before: what Node says without that flag
 * is said here, wherever the inspector opens.
 */
export function speakForInspector(inspector: QuietInspector): void {
  let said = inspector.url();
  if (said !== undefined) inspector.sayPlace();
  watchEvent('internalMessage', () => {
    const place = inspector.url();
    if (place === undefined || place === said) return false;
    if (!inspector.isOpening()) {
      // A signal has opened it, anywhere.
      inspector.openForOthers();
      return true;
    }
    said = place;
    inspector.sayPlace();
    return false;
  });
}
