import { gutterWidth, rowHeight, rulerHeight } from '../../../src/webview/chartGeometry.ts';
import { wholeView } from '../../../src/webview/timeView.ts';
import type { EditorPage } from './pageDriver.ts';

export const demoEndUs = 224_600;
/** Its first task starts then. */
export const demoStartUs = 100;

/** A point of the chart of the demo trace: a moment in a row, while the whole trace is in view. */
export async function pointAt(driver: EditorPage, row: number, timeUs: number): Promise<{ x: number; y: number }> {
  const box = (await (await driver.page.$('.il-canvas'))!.boundingBox())!;
  const gutter = gutterWidth(box.width);
  const view = wholeView(demoEndUs, demoStartUs);
  const x = box.x + gutter + ((timeUs - view.startUs) / (view.endUs - view.startUs)) * (box.width - gutter);
  return { x, y: box.y + rulerHeight + (row + 0.5) * rowHeight };
}
