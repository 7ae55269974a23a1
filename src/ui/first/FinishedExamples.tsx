import { useMessages } from '../messages/useMessages.ts';
import { useOpen } from '../open.ts';
import { usePage } from '../page.ts';
import { inBytes } from '../words.ts';

/** The edges of more pictures would be thinner than a line. */
const MOST_EDGES = 4;

/** Sessions that were made before, to walk through and to go on from. */
export function FinishedExamples() {
  const { examples } = usePage();
  const m = useMessages();
  const { openExample } = useOpen();
  if (examples.length === 0) return null;
  return (
    <section aria-labelledby="examples-head">
      <div className="section-head">
        <h2 id="examples-head">{m.first.examples}</h2>
        <span className="quiet">{m.first.examplesNote}</span>
      </div>
      <ul className="scenes finished">
        {examples.map((example) => (
          <li key={example.url}>
            <button type="button" className="scene" onClick={() => void openExample(example)}>
              <span className="finished-picture" aria-hidden="true">
                <img src={example.thumbnailUrl} alt="" loading="lazy" />
                <span className="finished-edges">
                  {example.edges.slice(0, MOST_EDGES).map((colour, index) => (
                    // oxlint-disable-next-line react/no-array-index-key -- edges have no name but their place
                    <i key={index} style={{ background: colour }} />
                  ))}
                </span>
              </span>
              <span className="scene-title" lang="en">
                {example.title}
              </span>
              <span className="finished-about" lang="en">
                {example.about}
              </span>
              <span className="quiet">{m.first.exampleHolds(example.turns, inBytes(example.bytes))}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
