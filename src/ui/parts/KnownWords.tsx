import type { ModelManifest } from '../../runtime/contract.ts';
import { useMessages } from '../messages/useMessages.ts';

const LISTS = ['objects', 'places', 'backgrounds', 'sizes', 'styles', 'lights', 'colours'] as const;

/** Every word that the model was trained on, list by list; lists that it does not give are left out. */
export function KnownWords({ world }: { readonly world: ModelManifest['world'] }) {
  const { about } = useMessages();
  return (
    <dl className="word-lists">
      {LISTS.map((name) => {
        const words = world[name] ?? [];
        return (
          words.length > 0 && (
            <div key={name}>
              <dt>{about.listed(about.lists[name], words.length)}</dt>
              <dd lang="en">{words.join(', ')}</dd>
            </div>
          )
        );
      })}
    </dl>
  );
}
