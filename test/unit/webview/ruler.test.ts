import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rulerTicks, tickLabel } from '../../../src/webview/ruler.ts';
import { clampView, panView, showStretch, wholeView, zoomView } from '../../../src/webview/timeView.ts';
import { pageStateFrom } from '../../../src/webview/pageHost.ts';

const view = fc
  .tuple(fc.double({ min: 0, max: 1e11, noNaN: true }), fc.double({ min: 2, max: 1e11, noNaN: true }))
  .map(([startUs, span]) => ({ startUs, endUs: startUs + span }));

describe('ruler', () => {
  it('names round moments, each once, far enough apart', () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 100, max: 3000 }), (shown, width) => {
        const ticks = rulerTicks(shown, width, 96);
        const usPerPx = (shown.endUs - shown.startUs) / width;
        assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length, ticks.map(({ label }) => label).join());
        for (let i = 0; i < ticks.length; i++) {
          assert.ok(ticks[i]!.timeUs >= shown.startUs - usPerPx && ticks[i]!.timeUs <= shown.endUs + usPerPx);
          if (i > 0) assert.ok(ticks[i]!.timeUs - ticks[i - 1]!.timeUs >= usPerPx * 95.9);
        }
        // Never so few that a wide axis stands without a figure.
        if (width > 96 * 3.5) assert.ok(ticks.length > 0);
      }),
    );
  });

  it('takes the unit that suits the view', () => {
    assert.deepEqual(
      rulerTicks({ startUs: 0, endUs: 1_000_000 }, 500, 100).map(({ label }) => label),
      ['0', '0.2 s', '0.4 s', '0.6 s', '0.8 s', '1.0 s'],
    );
    assert.deepEqual(
      rulerTicks({ startUs: 12_340, endUs: 12_350 }, 500, 100).map(({ label }) => label),
      ['12.340 ms', '12.342 ms', '12.344 ms', '12.346 ms', '12.348 ms', '12.350 ms'],
    );
    assert.deepEqual(
      rulerTicks({ startUs: 0, endUs: 43_200e6 }, 500, 100).map(({ label }) => label),
      ['0', '4:00:00', '8:00:00', '12:00:00'],
    );
    assert.equal(tickLabel(65_250_000, 50_000, 70e6), '1:05.25');
    assert.equal(tickLabel(500, 100, 900), '500 µs');
  });
});

describe('view', () => {
  const endUs = 1e6;
  const inside = fc
    .tuple(fc.double({ min: 0, max: 9e5, noNaN: true }), fc.double({ min: 10, max: 1e5, noNaN: true }))
    .map(([startUs, span]) => ({ startUs, endUs: startUs + span }));

  it('keeps the moment under the pointer while zooming in', () => {
    fc.assert(
      fc.property(
        inside,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.3, max: 1, noNaN: true }),
        (from, share, factor) => {
          const at = from.startUs + share * (from.endUs - from.startUs);
          const to = zoomView(from, at, factor, endUs);
          const kept = (at - to.startUs) / (to.endUs - to.startUs);
          assert.ok(Math.abs(kept - share) < 1e-6, `${share} became ${kept}`);
        },
      ),
    );
  });

  it('never leaves the trace', () => {
    const whole = wholeView(endUs);
    fc.assert(
      fc.property(
        inside,
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        (from, by, factor) => {
          for (const to of [
            panView(from, by, endUs),
            zoomView(from, by, factor, endUs),
            clampView({ startUs: by, endUs: by + factor }, endUs),
            showStretch(from, by, by + 5, endUs),
          ]) {
            assert.ok(
              to.startUs >= whole.startUs - 1e-6 && to.endUs <= whole.endUs + 1e-6 && to.endUs - to.startUs > 1.9,
              JSON.stringify(to),
            );
          }
        },
      ),
    );
  });
});

describe('kept state', () => {
  it('is read back whatever was kept', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const state = pageStateFrom(value);
        if (state) assert.deepEqual(pageStateFrom(state), state);
      }),
    );
    const whole = {
      hiddenKinds: ['timer' as const],
      foldedTasks: [3],
      textTwin: true,
      view: { startUs: 1, endUs: 2, scrollTop: 3 },
    };
    assert.deepEqual(pageStateFrom(whole), whole);
  });
});
