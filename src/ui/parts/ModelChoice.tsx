import { useMessages } from '../messages/useMessages.ts';
import { useEditor, usePage } from '../page.ts';
import { inBytes } from '../words.ts';

const KINDS = ['objects', 'backgrounds', 'styles', 'lights'] as const;

/** The models to choose from, with what tells them apart; nothing where there is only one. */
export function ModelChoice() {
  const { models, offer, chooseModel } = usePage();
  const m = useMessages();
  const isBusy = useEditor(({ run, model }) => run.status !== 'idle' || model.status === 'loading');
  const current = typeof offer === 'string' ? null : offer.id;
  if (models.length < 2) return null;
  return (
    <section aria-labelledby="models-head">
      <h2 id="models-head">{m.models.title}</h2>
      <ul className="models">
        {models.map(({ id, title, world, files, quality }) => {
          const right = quality['single_turn_success'];
          const facts = [
            ...KINDS.flatMap((kind) => {
              const count = world[kind]?.length ?? 0;
              return count === 0 ? [] : [m.first.kinds[kind](count)];
            }),
            ...(right === undefined ? [] : [m.models.firstEdits(Math.round(right * 100))]),
            inBytes(files.reduce((sum, { bytes }) => sum + bytes, 0)),
          ];
          return (
            <li key={id} aria-current={id === current}>
              <span lang="en">{title}</span>
              {id === current ? (
                <span className="quiet">{m.models.inUse}</span>
              ) : (
                <button
                  type="button"
                  className="word-button"
                  disabled={isBusy}
                  aria-label={m.models.choose(title)}
                  onClick={() => chooseModel(id)}
                >
                  {m.models.use}
                </button>
              )}
              <span className="quiet small">{facts.join(m.comma)}</span>
            </li>
          );
        })}
      </ul>
      <p className="load-note">{m.models.note}</p>
    </section>
  );
}
