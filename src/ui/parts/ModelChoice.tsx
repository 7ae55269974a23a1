import { useEffect, useState } from 'react';

import type { ModelManifest } from '../../runtime/contract.ts';
import { useMessages } from '../messages/useMessages.ts';
import { bytesOfModel, knownKinds } from '../modelFacts.ts';
import { useEditor, usePage } from '../page.ts';
import { whileShown } from '../whileShown.ts';
import { inBytes } from '../words.ts';

/** The models to choose from, with what tells them apart; nothing where there is only one. */
export function ModelChoice() {
  const { readModels, offer, chooseModel } = usePage();
  const [models, setModels] = useState<readonly ModelManifest[]>([]);
  useEffect(() => whileShown(readModels(), setModels), [readModels]);
  const m = useMessages();
  const isBusy = useEditor(({ run, model: { status } }) => run.status !== 'idle' || status === 'loading');
  const current = typeof offer === 'string' ? null : offer.id;
  if (models.length < 2) return null;
  return (
    <section aria-labelledby="models-head">
      <h2 id="models-head">{m.models.title}</h2>
      <ul className="models">
        {models.map((model) => {
          const { id, title, world, quality } = model;
          const right = quality['single_turn_success'];
          const facts = [
            ...knownKinds(m, world),
            ...(right === undefined ? [] : [m.models.firstEdits(Math.round(right * 100))]),
            inBytes(bytesOfModel(model)),
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
