/** A region in words, for those who do not see it. */
import type { MaskPixels } from '../../runtime/contract.ts';
import { inPercent } from '../words.ts';
import { maskShare } from './maskPixels.ts';

const ROWS = ['upper', 'middle', 'lower'] as const;
const COLUMNS = ['left', 'centre', 'right'] as const;

/** Two thirds of the frame in one direction have no side any more. */
const WIDE = 2 / 3;

interface Span {
  readonly from: number;
  readonly to: number;
}

function third(span: Span, length: number): number {
  return Math.min(2, Math.floor((((span.from + span.to) / 2) * 3) / length));
}

/** Where a region lies, such as "lower left", "in the centre" or "across the upper part". */
function placeOf(columns: Span, rows: Span, { width, height }: MaskPixels): string {
  const isWide = columns.to - columns.from > width * WIDE;
  const isHigh = rows.to - rows.from > height * WIDE;
  const row = ROWS[third(rows, height)] ?? 'middle';
  const column = COLUMNS[third(columns, width)] ?? 'centre';
  if (isWide && isHigh) return 'over most of the picture';
  if (isWide) return row === 'middle' ? 'across the middle' : `across the ${row} part`;
  if (isHigh) return column === 'centre' ? 'down the middle' : `down the ${column}`;
  if (row === 'middle') return column === 'centre' ? 'in the centre' : `middle ${column}`;
  return column === 'centre' ? `${row} middle` : `${row} ${column}`;
}

/** "the region covers 12 %, lower left", or "no region". */
export function describeMask(mask: MaskPixels | null): string {
  if (mask === null) return 'no region';
  const { width, height, data } = mask;
  let [left, right, top, bottom] = [width, 0, height, 0];
  data.forEach((value, at) => {
    if (value === 0) return;
    const x = at % width;
    const y = (at - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  if (right === 0) return 'no region';
  const place = placeOf({ from: left, to: right }, { from: top, to: bottom }, mask);
  return `the region covers ${inPercent(maskShare(mask))}, ${place}`;
}
