/** Choices of tools and of looking that outlive a visit: what may be chosen, and reading what was kept. */
import type { WheelDevice } from './canvas/wheel.ts';

export type ToolName = 'move' | 'brush' | 'eraser' | 'lasso' | 'rectangle' | 'hand' | 'zoom' | 'compare';
export type CompareMode = 'slider' | 'side' | 'difference' | 'through';
export type OverlayInk = 'minium' | 'lapis' | 'green' | 'grey';
export type OverlayPattern = 'stripes' | 'fill' | 'line';

export interface Overlay {
  readonly ink: OverlayInk;
  readonly pattern: OverlayPattern;
  /** Of the colour, 0 to `MAX_OPACITY`. */
  readonly opacity: number;
}

export interface Settings {
  /** The tool in hand, or the one to come back to when comparing ends. */
  readonly lastTool: Exclude<ToolName, 'compare'>;
  /** Diameter of the brush in frame pixels. */
  readonly brushSize: number;
  /** Of the brush's edge, 0 to 1. */
  readonly softness: number;
  /** A pen pressed less draws thinner. */
  readonly hasPressure: boolean;
  /** Frame pixels by which Refine grows, shrinks and feathers. */
  readonly refineBy: number;
  readonly overlay: Overlay;
  /** The region of the turn in sight shows on its picture. */
  readonly hasTurnRegion: boolean;
  readonly compareMode: CompareMode;
  readonly wheel: WheelDevice;
  /** The browser tells of the end of the work while the tab is out of sight. */
  readonly isNotifying: boolean;
}

export const MIN_BRUSH = 1;
export const MAX_BRUSH = 96;
export const MAX_REFINE = 32;
export const MAX_OPACITY = 0.8;

export const COMPARE_MODES: readonly CompareMode[] = ['slider', 'side', 'difference', 'through'];
export const OVERLAY_INKS: readonly OverlayInk[] = ['minium', 'lapis', 'green', 'grey'];
export const OVERLAY_PATTERNS: readonly OverlayPattern[] = ['stripes', 'fill', 'line'];
export const WHEEL_DEVICES: readonly WheelDevice[] = ['auto', 'mouse', 'trackpad'];
const TOOLS = ['move', 'brush', 'eraser', 'lasso', 'rectangle', 'hand', 'zoom'] as const;

export const DEFAULT_SETTINGS: Settings = {
  lastTool: 'brush',
  brushSize: 24,
  softness: 0,
  hasPressure: true,
  refineBy: 4,
  overlay: { ink: 'minium', pattern: 'stripes', opacity: 0.34 },
  hasTurnRegion: false,
  compareMode: 'slider',
  wheel: 'auto',
  isNotifying: false,
};

/** The settings among other things, to be kept. */
export function settingsOf(from: Settings): Settings {
  const { lastTool, brushSize, softness, hasPressure, refineBy, overlay, compareMode, wheel } = from;
  const { hasTurnRegion, isNotifying } = from;
  return {
    lastTool,
    brushSize,
    softness,
    hasPressure,
    refineBy,
    overlay,
    hasTurnRegion,
    compareMode,
    wheel,
    isNotifying,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function oneOf<Value extends string>(values: readonly Value[], value: unknown, otherwise: Value): Value {
  return values.find((one) => one === value) ?? otherwise;
}

function within(low: number, high: number, value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= low && value <= high ? value : otherwise;
}

/** JSON as it was kept by any version, or damaged: what cannot be used is as if it had never been chosen. */
export function readSettings(kept: string | null): Settings {
  const from = fieldsOf(parse(kept));
  const overlay = fieldsOf(from['overlay']);
  const usual = DEFAULT_SETTINGS;
  return {
    lastTool: oneOf(TOOLS, from['lastTool'], usual.lastTool),
    brushSize: within(MIN_BRUSH, MAX_BRUSH, from['brushSize'], usual.brushSize),
    softness: within(0, 1, from['softness'], usual.softness),
    hasPressure: from['hasPressure'] !== false,
    refineBy: within(1, MAX_REFINE, from['refineBy'], usual.refineBy),
    overlay: {
      ink: oneOf(OVERLAY_INKS, overlay['ink'], usual.overlay.ink),
      pattern: oneOf(OVERLAY_PATTERNS, overlay['pattern'], usual.overlay.pattern),
      opacity: within(0, MAX_OPACITY, overlay['opacity'], usual.overlay.opacity),
    },
    hasTurnRegion: from['hasTurnRegion'] === true,
    compareMode: oneOf(COMPARE_MODES, from['compareMode'], usual.compareMode),
    wheel: oneOf(WHEEL_DEVICES, from['wheel'], usual.wheel),
    isNotifying: from['isNotifying'] === true,
  };
}

/** Null for what is no JSON. */
export function parse(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json);
  } catch {
    return null;
  }
}
