import { segmentState } from '../analyze/layoutSegments.ts';
import { waitKinds } from '../shared/waitKind.ts';

/** Every colour and font the canvas uses, as the theme has them now. */
export interface Palette {
  readonly background: string;
  readonly panel: string;
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly hover: string;
  readonly selected: string;
  readonly focus: string;
  readonly error: string;
  readonly match: string;
  readonly flow: string;
  readonly range: string;
  readonly running: string;
  readonly onRunning: string;
  readonly ready: string;
  readonly blocking: string;
  readonly onBlocking: string;
  readonly busy: string;
  readonly turn: string;
  readonly lag: string;
  /** By position in {@link waitKinds}. */
  readonly waits: readonly string[];
  readonly fontFamily: string;
  readonly fontPx: number;
  /** Colours alone do not tell kinds apart: draw patterns and outlines. */
  readonly highContrast: boolean;
  /** The hatching of `ready`, and in high contrast one pattern per kind of wait. */
  readonly readyFill: CanvasPattern | string;
  readonly lagFill: CanvasPattern | string;
  readonly waitFills: readonly (CanvasPattern | string)[];
}

const names = [
  ...['background', 'panel', 'foreground', 'muted', 'grid', 'hover', 'selected', 'focus', 'error', 'match', 'flow', 'range'],
  ...['running', 'onRunning', 'ready', 'blocking', 'onBlocking', 'busy', 'turn', 'lag'],
] as const;

/** Reads the colours that timeline.css names, resolved to what a canvas understands. */
export function readPalette(root: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.className = 'il-probe';
  root.append(probe);
  const resolve = (name: string): string => {
    probe.style.color = `var(--il-${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(names.map((name) => [name, resolve(name)])) as Record<string, string>;
  const waits = waitKinds.map((kind) => resolve(kind));
  probe.style.color = '';
  const style = getComputedStyle(probe);
  const fontPx = Number.parseFloat(style.fontSize) || 13;
  const fontFamily = style.fontFamily || 'sans-serif';
  const highContrast = style.getPropertyValue('--il-high-contrast').trim() === '1';
  probe.remove();
  const ready = colours['ready']!;
  return {
    ...(colours as unknown as Palette),
    waits,
    fontFamily,
    fontPx: Math.min(fontPx, 16),
    highContrast,
    readyFill: pattern('diagonal', ready, 0.28),
    lagFill: pattern('diagonal', colours['lag']!, 0.28),
    waitFills: waits.map((colour, i) => (highContrast ? pattern(waitPatterns[i]!, colour, 0) : withAlpha(colour, 0.34))),
  };
}

type PatternName =
  'diagonal' | 'backDiagonal' | 'horizontal' | 'vertical' | 'grid' | 'cross' | 'dots' | 'bigDots' | 'steps' | 'sparse';
/** One per kind of wait, in their order. */
const waitPatterns: readonly PatternName[] = [
  'backDiagonal',
  'horizontal',
  'vertical',
  'grid',
  'cross',
  'dots',
  'bigDots',
  'sparse',
  'steps',
];

const tile = 8;

function pattern(name: PatternName, colour: string, backgroundAlpha: number): CanvasPattern | string {
  const canvas = document.createElement('canvas');
  canvas.width = tile;
  canvas.height = tile;
  const context = canvas.getContext('2d');
  if (!context) return colour;
  if (backgroundAlpha > 0) {
    context.globalAlpha = backgroundAlpha;
    context.fillStyle = colour;
    context.fillRect(0, 0, tile, tile);
    context.globalAlpha = 1;
  }
  context.fillStyle = colour;
  for (let y = 0; y < tile; y++) {
    for (let x = 0; x < tile; x++) if (isInk(name, x, y)) context.fillRect(x, y, 1, 1);
  }
  return context.createPattern(canvas, 'repeat') ?? colour;
}

function isInk(name: PatternName, x: number, y: number): boolean {
  switch (name) {
    case 'diagonal':
      return (x + y) % 4 < 2;
    case 'backDiagonal':
      return (x - y + tile) % 8 < 1;
    case 'horizontal':
      return y % 4 === 0;
    case 'vertical':
      return x % 4 === 0;
    case 'grid':
      return x % 8 === 0 || y % 4 === 0;
    case 'cross':
      return (x + y) % 8 === 0 || (x - y + tile) % 8 === 0;
    case 'dots':
      return x % 4 === 0 && y % 4 === 0;
    case 'bigDots':
      return x % 8 < 3 && y % 8 < 3;
    case 'steps':
      return y % 8 === 0 && x < 4 ? true : y % 8 === 4 && x >= 4;
    case 'sparse':
      return x % 8 === 0 && y % 8 === 0;
  }
}

/** `colour` as getComputedStyle gives it (`rgb(…)`, `rgba(…)` or `color(…)`), thinned. */
export function withAlpha(colour: string, alpha: number): string {
  const numbers = /^rgba?\(([^)]*)\)$/.exec(colour)?.[1]?.split(/[\s,/]+/);
  if (!numbers || numbers.length < 3) return colour;
  return `rgba(${numbers[0]}, ${numbers[1]}, ${numbers[2]}, ${alpha * Number(numbers[3] ?? 1)})`;
}

/** How one state is painted outside the lanes: in the legend. */
export function swatchFill(palette: Palette, state: number): CanvasPattern | string {
  switch (state) {
    case segmentState.running:
      return palette.running;
    case segmentState.ready:
      return palette.readyFill;
    case segmentState.turn:
      return palette.turn;
    case segmentState.busy:
      return palette.busy;
    case segmentState.lag:
      return palette.lagFill;
    default:
      return palette.blocking;
  }
}

/** Calls back when the theme, its contrast or the scheme of the system changes. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)']) {
    matchMedia(query).addEventListener('change', changed);
  }
}
