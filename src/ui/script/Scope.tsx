import { useMemo, type ReactNode } from 'react';

import type { Composer } from '../../session/document.ts';
import { boundsOf } from '../../session/measuring.ts';
import { maskShare } from '../canvas/maskPixels.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Swatch } from '../parts/Swatch.tsx';
import { inPercent } from '../words.ts';

interface ScopeProps {
  readonly regions: Composer['regions'];
  readonly isFromWords: boolean;
  /** What the line is about where it is no edit of a picture, as the next scene; null for an edit. */
  readonly about: string | null;
  /** Said of an edit of the whole picture. */
  readonly note: string;
}

/** Where the line being written will change the picture, and the way back to all of it. */
export function Scope({ regions, isFromWords, about, note }: ScopeProps) {
  const { composer: m } = useMessages();
  const { editor } = usePage();
  const { drawn, now, next } = regions;
  const share = useMemo(() => {
    const bounds = boundsOf(regions, editor.actions);
    return bounds === null ? null : inPercent(maskShare(bounds));
  }, [editor, regions]);
  if (isFromWords || share === null) {
    return <Line where={isFromWords ? m.fromWords : (about ?? m.wholePicture)}>{note}</Line>;
  }
  if (next?.by === 'moved') {
    return (
      <Line where={m.fromTo} hasNext hasNow isBound>
        {m.byDragging}
      </Line>
    );
  }
  const isFound = drawn === null && (now?.by === 'found' || next?.by === 'found');
  return (
    <Line where={m.inRegion} hasNow={drawn !== null || now !== null} hasNext={next !== null} isBound>
      {(isFound ? m.found : m.drawn)(share)}
    </Line>
  );
}

interface LineProps {
  readonly where: string;
  readonly hasNow?: boolean;
  readonly hasNext?: boolean;
  /** A region bounds the edit. */
  readonly isBound?: boolean;
  readonly children: ReactNode;
}

function Line({ where, hasNow = false, hasNext = false, isBound = false, children }: LineProps) {
  const { composer: m } = useMessages();
  const actions = useActions();
  return (
    <div className="scope">
      <span className="scope-where">
        {hasNow && <Swatch />}
        {hasNext && <Swatch kind="next" />}
        {where}
      </span>
      <span className="quiet">{children}</span>
      {isBound && (
        <button type="button" className="word-button push" onClick={() => actions.clearRegions()}>
          {m.wholePicture}
        </button>
      )}
    </div>
  );
}
