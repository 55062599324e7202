/** Draws at most once per animation frame, however often it is asked. */
export interface FrameScheduler {
  request(): void;
}

export function frameScheduler(draw: () => void): FrameScheduler {
  let asked = false;
  return {
    request() {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        draw();
      });
    },
  };
}
