import type { SessionDocument } from '../../session/document.ts';
import { Cast } from './Cast.tsx';
import { Screen } from './Screen.tsx';
import { Strip } from './Strip.tsx';

interface StoryViewProps {
  readonly document: SessionDocument;
}

/** The branch one stands on, told from its start: a film, its shots in a strip, and its cast. */
export function StoryView({ document }: StoryViewProps) {
  return (
    <>
      <Screen document={document} />
      <Cast document={document} />
      <Strip document={document} />
    </>
  );
}
