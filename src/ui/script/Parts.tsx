import type { PictureRef, SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { Swatch } from '../parts/Swatch.tsx';
import { isComposing } from '../shortcuts.ts';

/** Regions that have words of their own, a line each; they are made one after another, before the line itself. */
export function Parts({ document }: { readonly document: SessionDocument }) {
  const actions = useActions();
  const { composer: m } = useMessages();
  const { parts } = document.composer;
  if (parts.length === 0) return null;
  return (
    <ol className="parts" aria-label={m.parts}>
      {parts.map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have no name of their own
        <li key={index} className="part">
          <RegionSign region={part.region} />
          <input
            // A line that took the place of another one must not show its words.
            key={part.instruction}
            className="part-words"
            lang="en"
            aria-label={part.region === null ? m.part(index + 1) : m.partWords(index + 1)}
            defaultValue={part.instruction}
            onBlur={(event) => {
              const instruction = event.target.value.trim();
              if (instruction === '') event.target.value = part.instruction;
              else if (instruction !== part.instruction) actions.changePart(index, { instruction });
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || isComposing(event.nativeEvent)) return;
              // Else the browser would submit the form around the line.
              event.preventDefault();
              event.currentTarget.blur();
            }}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={m.removePart(index + 1)}
            title={m.removePart(index + 1)}
            onClick={() => actions.removePart(index)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ol>
  );
}

/** The region itself, small: white is what changes. */
function RegionSign({ region }: { readonly region: PictureRef | null }) {
  const { pictureUrl } = usePage();
  const { composer: m } = useMessages();
  if (region === null) return <span className="part-sign" role="img" aria-label={m.partWhole} />;
  const url = pictureUrl(region.hash);
  return (
    <span className="part-sign">
      {url !== null && <img src={url} alt="" width={28} height={28} />}
      <Swatch />
    </span>
  );
}
