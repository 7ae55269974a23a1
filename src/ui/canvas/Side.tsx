import type { SessionDocument } from '../../session/document.ts';
import { waysOf } from '../../session/groups.ts';
import { selectComposer } from '../../session/selectors.ts';
import { useEditor } from '../page.ts';
import { useTool } from '../useTool.ts';
import { StartDetails, TurnDetails } from './side/Details.tsx';
import { Now } from './side/Now.tsx';
import { Stages } from './side/Stages.tsx';
import { Ways } from './side/Ways.tsx';
import { lineTo } from './turnLine.ts';
import { WhatChanged } from './WhatChanged.tsx';

interface SideProps {
  readonly document: SessionDocument;
}

/** Beside the picture: what the present state offers. */
export function Side({ document }: SideProps) {
  const tool = useTool();
  const isWorking = useEditor(({ run, queue }) => run.status === 'running' || queue.length > 0);
  const hasStages = useEditor((state) => {
    const { now, next } = selectComposer(state).regions;
    return now !== null || next !== null || state.find.status !== 'idle';
  });
  const here = lineTo(document, document.current).at(-1);
  const turn = here?.turn ?? null;
  if (tool === 'compare') return <WhatChanged document={document} />;
  if (hasStages) return <Stages document={document} />;
  if (turn !== null && waysOf(document, turn.id).length > 1) {
    return <Ways document={document} turn={turn} number={here?.number ?? 0} />;
  }
  if (isWorking) return <Now document={document} />;
  if (turn === null) return <StartDetails document={document} />;
  return <TurnDetails document={document} number={here?.number ?? 0} turn={turn} />;
}
