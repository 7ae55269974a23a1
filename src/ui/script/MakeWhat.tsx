import { findTurn, type NodeId, type SessionDocument, type Task } from '../../session/document.ts';
import { shownTurns } from '../../session/groups.ts';
import { isClip } from '../../session/recipe.ts';
import { attachPoint } from '../../session/tree.ts';
import { canMake } from '../abilities.ts';
import { lineTo, placeTitle, type Place } from '../canvas/turnLine.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage, useView, type Page } from '../page.ts';
import { Segments } from '../parts/Segments.tsx';
import { CLIP_COUNTS, USUAL_CLIP_COUNT } from '../story/ClipForm.tsx';
import { useMedia } from '../useMedia.ts';

type Kind = Task['kind'];

interface MakeWhatProps {
  readonly document: SessionDocument;
}

/** What the line makes: what was chosen, and in the story the next scene unless an edit was wanted. */
export function useMade({ composer, root, turns }: SessionDocument): Kind {
  const { offer } = usePage();
  const isStory = useView(({ mode, storyTask }) => mode === 'story' && storyTask === 'scene');
  const hasStart = root.kind !== 'words' || turns.length > 0;
  const { kind } = composer.task;
  return kind === 'image' && isStory && hasStart && canMake(offer, 'scene') ? 'scene' : kind;
}

/** Where a clip that begins here may end: any other picture of the session, those of this branch last. */
function endsFor(document: SessionDocument): readonly Place[] {
  const here = attachPoint(document);
  return [null, ...shownTurns(document).map(({ id }) => id)]
    .filter((id) => id !== here)
    .map((id) => lineTo(document, id).at(-1))
    .filter((place): place is Place => place !== undefined && place.picture !== null)
    .toReversed();
}

/** The picture before the present one, so that a clip goes back over the last step. */
function usualEnd(document: SessionDocument, ends: readonly Place[]): NodeId {
  const before = lineTo(document, attachPoint(document)).at(-2)?.id;
  const end = ends.find(({ id }) => id === before) ?? ends[0];
  return end?.id ?? null;
}

function kindsFor(
  document: SessionDocument,
  { offer }: Page,
  now: Kind,
  ends: readonly Place[],
): readonly Kind[] {
  const here = attachPoint(document);
  const turn = here === null ? undefined : findTurn(document, here);
  const isPossible: Readonly<Record<Kind, boolean>> = {
    image: true,
    scene: canMake(offer, 'scene'),
    'clip-between': ends.length > 0 && canMake(offer, 'clip-between'),
    'clip-edit': turn !== undefined && isClip(turn.task) && canMake(offer, 'clip-edit'),
  };
  return (['image', 'scene', 'clip-between', 'clip-edit'] as const).filter(
    (kind) => isPossible[kind] || kind === now,
  );
}

/** Whether the line makes an edit, the next scene or a clip; nothing where the model makes edits only. */
export function MakeWhat({ document }: MakeWhatProps) {
  const page = usePage();
  const actions = useActions();
  const { story: m } = useMessages();
  const made = useMade(document);
  const isNarrow = useMedia('(max-width: 720px)');
  const ends = endsFor(document);
  const kinds = kindsFor(document, page, made, ends);
  if (kinds.length < 2) return null;
  const choose = (kind: Kind): void => {
    page.view.setState({ storyTask: kind === 'image' ? 'image' : 'scene' });
    if (kind !== 'clip-between') actions.setTask({ kind });
    else actions.setTask({ kind, to: usualEnd(document, ends), count: USUAL_CLIP_COUNT });
  };
  return (
    <>
      {isNarrow ? (
        // Beside the scope there is room for one word, and a second line would cover what stands above.
        <select
          className="text-input make-what"
          aria-label={m.make}
          value={made}
          onChange={(event) => choose(kinds[event.target.selectedIndex] ?? made)}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {m.makes[kind]}
            </option>
          ))}
        </select>
      ) : (
        <Segments
          label={m.make}
          value={made}
          options={kinds.map((value) => ({ value, text: m.makes[value] }))}
          onChange={choose}
        />
      )}
      <ClipTo document={document} ends={ends} />
    </>
  );
}

interface ClipToProps extends MakeWhatProps {
  readonly ends: readonly Place[];
}

/** Where the clip ends and how many frames it has. */
function ClipTo({ document, ends }: ClipToProps) {
  const actions = useActions();
  const messages = useMessages();
  const { story: m } = messages;
  const { task } = document.composer;
  if (task.kind !== 'clip-between') return null;
  const { toId, count } = task;
  const choose = (to: typeof toId, frames: number): void => {
    actions.setTask({ kind: 'clip-between', to, count: frames });
  };
  return (
    <div className="clip-to">
      <label className="field-line">
        <span aria-hidden="true">{m.clipToShort}</span>
        <select
          className="text-input"
          aria-label={m.clipTo}
          value={toId ?? ''}
          onChange={(event) =>
            choose(ends.find(({ id }) => (id ?? '') === event.target.value)?.id ?? null, count)
          }
        >
          {ends.map((place) => (
            <option key={place.id ?? ''} value={place.id ?? ''}>
              {`${place.number} ${placeTitle(messages, place)}`}
            </option>
          ))}
        </select>
      </label>
      <span className="field-line">
        <span aria-hidden="true">{m.clipFrames}</span>
        <Segments
          label={m.clipFrames}
          value={count}
          options={CLIP_COUNTS}
          onChange={(frames) => choose(toId, frames)}
        />
      </span>
    </div>
  );
}
