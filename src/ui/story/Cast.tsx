import type { SessionDocument } from '../../session/document.ts';
import { castOf, type CastMember } from '../../session/story.ts';
import { canMake } from '../abilities.ts';
import { lineTo } from '../canvas/turnLine.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { useReferenceNames } from '../script/References.tsx';

interface CastProps {
  readonly document: SessionDocument;
}

/** Whom the story is about: the original and what its shots took over from other pictures; and what this model cannot do. */
export function Cast({ document }: CastProps) {
  const { offer } = usePage();
  const m = useMessages();
  const cast = castOf(document);
  return (
    <aside className="story-side" aria-label={m.story.cast}>
      <h2>{m.story.cast}</h2>
      {cast.length === 0 ? (
        <p className="side-hint">{m.story.noCast}</p>
      ) : (
        <ul className="cast">
          {cast.map((member) => (
            <li key={member.frame.hash}>
              <Member document={document} member={member} />
            </li>
          ))}
        </ul>
      )}
      <div className="story-note">
        {!canMake(offer, 'scene') && <p>{m.story.unable.story}</p>}
        {!canMake(offer, 'clip-between') && <p>{m.story.unable['clip-between']}</p>}
      </div>
    </aside>
  );
}

function memberName(m: Messages, document: SessionDocument, { source }: CastMember): string {
  if (source.kind === 'upload') return source.name;
  if (source.id === null) return m.desk.original;
  const isThere = document.turns.some(({ id }) => id === source.id);
  return isThere ? m.turn(lineTo(document, source.id).length - 1) : m.desk.picture;
}

interface MemberProps extends CastProps {
  readonly member: CastMember;
}

/** Pressed, it is spoken of in the next shot, where the model can take things over from pictures. */
function Member({ document, member }: MemberProps) {
  const actions = useActions();
  const m = useMessages();
  const names = useReferenceNames();
  const { frame } = member;
  const { references, instruction } = document.composer;
  const name = memberName(m, document, member);
  const spoken = names[references.length];
  const shown = (
    <>
      <Frame picture={frame} alt="" />
      <span>{name}</span>
    </>
  );
  if (spoken === undefined) return <span className="cast-member">{shown}</span>;
  const speakOf = (): void => {
    const pixels = actions.pixelsOf(frame.hash);
    if (pixels === null) return;
    const { source } = member;
    const isThere = source.kind === 'place' && actions.addReference({ place: source.id });
    if (!isThere && !actions.addReference({ pixels, name })) return;
    actions.setInstruction(`${instruction.trimEnd()} ${spoken} `.trimStart());
    window.document.getElementById('words')?.focus();
  };
  return (
    <button type="button" className="cast-member" title={m.story.castUse(name)} onClick={speakOf}>
      {shown}
    </button>
  );
}
