import type { ChartGeometry } from './chartGeometry.ts';
import type { Palette } from './theme.ts';
import type { TimelineState } from './timelineState.ts';

/** All that drawing one frame of the chart needs. */
export interface ChartFrame {
  readonly context: CanvasRenderingContext2D;
  readonly state: TimelineState;
  readonly geometry: ChartGeometry;
  readonly palette: Palette;
  readonly pixelRatio: number;
}
