import type { SessionDocument } from '../../session/document.ts';
import { mostReferences } from '../abilities.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { dropName } from './mentions.ts';

/** By what words the line speaks of its first, second and third picture. */
export function useReferenceNames(): readonly string[] {
  const { offer } = usePage();
  const most = mostReferences(offer);
  return typeof offer === 'string' ? [] : (offer.roles?.pictures.slice(0, most) ?? []);
}

/** The pictures that the line takes things over from. */
export function References({ document }: { readonly document: SessionDocument }) {
  const actions = useActions();
  const { composer: m } = useMessages();
  const names = useReferenceNames();
  const { references, instruction } = document.composer;
  if (references.length === 0) return null;
  const remove = (index: number): void => {
    actions.removeReference(index);
    actions.setInstruction(dropName(instruction, index, names));
    window.document.getElementById('words')?.focus();
  };
  return (
    <ul className="references" aria-label={m.references}>
      {references.map(({ frame }, index) => {
        const name = names[index] ?? String(index + 1);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- the same picture may stand here twice
          <li key={index} className="reference">
            <Frame picture={frame} alt="" />
            <span lang="en">{name}</span>
            <button
              type="button"
              className="icon-button"
              aria-label={m.removeReference(name)}
              title={m.removeReference(name)}
              onClick={() => remove(index)}
              onKeyDown={(event) => {
                if (event.key !== 'Delete' && event.key !== 'Backspace') return;
                event.preventDefault();
                remove(index);
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
