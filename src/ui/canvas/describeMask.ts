/** A region in words, for those who do not see it. */
import type { MaskPixels } from '../../runtime/contract.ts';
import { boxOf } from '../../session/regions.ts';
import type { Messages } from '../messages/en.ts';
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

type Words = Messages['desk'];

/** Where a region lies: in a ninth of the picture, in a band of it, or over most of it. */
function placeOf(columns: Span, rows: Span, { width, height }: MaskPixels): keyof Words['places'] {
  const isWide = columns.to - columns.from > width * WIDE;
  const isHigh = rows.to - rows.from > height * WIDE;
  const row = ROWS[third(rows, height)] ?? 'middle';
  const column = COLUMNS[third(columns, width)] ?? 'centre';
  if (isWide && isHigh) return 'most';
  if (isWide) return `across-${row}`;
  if (isHigh) return `down-${column}`;
  return `${row}-${column}`;
}

/** "the region covers 12 %, lower left", or "no region". */
export function describeMask(mask: MaskPixels | null, words: Words): string {
  if (mask === null) return words.noRegion;
  const box = boxOf(mask);
  if (box === null) return words.noRegion;
  const columns = { from: box.x, to: box.x + box.width };
  const place = placeOf(columns, { from: box.y, to: box.y + box.height }, mask);
  return words.covers(inPercent(maskShare(mask)), words.places[place]);
}
