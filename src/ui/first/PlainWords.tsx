import { useMessages } from '../messages/useMessages.ts';
import { knownKinds } from '../modelFacts.ts';
import { usePage } from '../page.ts';
import { KnownWords } from '../parts/KnownWords.tsx';

/** What runs where, what is stored and what the model knows: all that one should know before beginning. */
export function PlainWords() {
  const { offer, view } = usePage();
  const messages = useMessages();
  const m = messages.first;
  const openAbout = (): void => view.setState({ dialog: 'about' });
  const world = typeof offer === 'string' ? null : offer.world;
  return (
    <section className="plain-words" aria-label={m.plain}>
      <div>
        <h3>{m.runs}</h3>
        <p>{m.runsText}</p>
      </div>
      <div>
        <h3>{m.keeps}</h3>
        <p>{m.keepsText}</p>
        <button type="button" className="example" onClick={openAbout}>
          {m.keepsLink}
        </button>
      </div>
      {world !== null && (
        <div>
          <h3>{m.knows}</h3>
          <p>{m.knowsText(knownKinds(messages, world))}</p>
          <button type="button" className="example" onClick={openAbout}>
            {m.knowsLink}
          </button>
          <details>
            <summary>{m.knowsWords}</summary>
            <KnownWords world={world} />
          </details>
        </div>
      )}
    </section>
  );
}
