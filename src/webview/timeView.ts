/** The stretch of time in view, in microseconds of the trace. */
export interface TimeView {
  readonly startUs: number;
  readonly endUs: number;
}

/** Nothing is recorded finer than 0.1 µs: a narrower view would show nothing more. */
const shortestUs = 2;
/** Room left and right of the whole trace, as a share of it. */
const margin = 0.02;

/** The whole trace, or what follows `firstUs` of it, with a little room around it. */
export function wholeView(endUs: number, firstUs = 0): TimeView {
  const length = Math.max(endUs - firstUs, shortestUs);
  return { startUs: firstUs - length * margin, endUs: firstUs + length * (1 + margin) };
}

/** Moved and shortened as needed so that it lies within the whole view. */
export function clampView(view: TimeView, endUs: number): TimeView {
  const whole = wholeView(endUs);
  const span = Math.min(Math.max(view.endUs - view.startUs, shortestUs), whole.endUs - whole.startUs);
  const startUs = Math.min(Math.max(view.startUs, whole.startUs), whole.endUs - span);
  return { startUs, endUs: startUs + span };
}

/** `factor` below 1 zooms in; the moment `atUs` keeps its place on the screen. */
export function zoomView(view: TimeView, atUs: number, factor: number, endUs: number): TimeView {
  const whole = wholeView(endUs);
  const old = view.endUs - view.startUs;
  const span = Math.min(Math.max(old * factor, shortestUs), whole.endUs - whole.startUs);
  const startUs = atUs - ((atUs - view.startUs) / old) * span;
  return clampView({ startUs, endUs: startUs + span }, endUs);
}

export function panView(view: TimeView, byUs: number, endUs: number): TimeView {
  return clampView({ startUs: view.startUs + byUs, endUs: view.endUs + byUs }, endUs);
}

/** Moves the view as little as possible so that the stretch is in it; centred where it is not at all. */
export function showStretch(view: TimeView, startUs: number, stretchEndUs: number, endUs: number): TimeView {
  const span = view.endUs - view.startUs;
  const inside = span * 0.05;
  if (startUs >= view.startUs && stretchEndUs <= view.endUs) return view;
  if (stretchEndUs - startUs > span * 0.9) {
    if (startUs < view.endUs && stretchEndUs > view.startUs && stretchEndUs - startUs > span) return view;
    return clampView({ startUs: startUs - inside, endUs: startUs - inside + span }, endUs);
  }
  const middle = (startUs + stretchEndUs) / 2;
  return clampView({ startUs: middle - span / 2, endUs: middle + span / 2 }, endUs);
}
