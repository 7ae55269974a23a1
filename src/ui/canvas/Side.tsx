import type { EditStage } from '../../runtime/contract.ts';
import { siblingsOf, turnOf, type SessionDocument, type Turn } from '../../session/document.ts';
import type { RunState } from '../../session/state.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { useTool } from '../useTool.ts';
import { inSeconds, turnTime, turnTitle } from '../words.ts';
import { progressWords } from './Progress.tsx';
import { lineTo } from './turnLine.ts';
import { WhatChanged } from './WhatChanged.tsx';

interface SideProps {
  readonly document: SessionDocument;
}

/** Turns that ask the same of the same picture and differ by their seed. */
function waysOf(document: SessionDocument, turn: Turn): readonly Turn[] {
  return siblingsOf(document, turn.id).filter(
    (other) =>
      other.instruction === turn.instruction && other.regions.drawn?.hash === turn.regions.drawn?.hash,
  );
}

/** Beside the picture: what the present state offers. */
export function Side({ document }: SideProps) {
  const tool = useTool();
  const run = useEditor((state) => state.run);
  const queue = useEditor((state) => state.queue);
  const here = lineTo(document, document.current).at(-1);
  if (tool === 'compare') return <WhatChanged document={document} />;
  if (run.status === 'running') return <Now document={document} run={run} queue={queue} />;
  if (here?.turn == null) return <StartDetails document={document} />;
  return <TurnDetails document={document} number={here.number} turn={here.turn} />;
}

function TurnDetails({
  document,
  number,
  turn,
}: SideProps & { readonly number: number; readonly turn: Turn }) {
  const actions = useActions();
  const m = useMessages();
  const { desk } = m;
  const ways = waysOf(document, turn);
  const { state } = turn;
  const time = turnTime(turn);
  return (
    <aside className={ways.length > 1 ? 'side' : 'side is-details'} aria-label={m.turn(number)}>
      <div className="side-head">
        <h2>{m.turn(number)}</h2>
        {ways.length > 1 && <span className="quiet small">{desk.ways(ways.length)}</span>}
      </div>
      {ways.length > 1 && (
        <ol className="ways">
          {ways.map((way, index) => (
            <li key={way.id}>
              <button
                type="button"
                className="way"
                aria-pressed={way.id === turn.id}
                onClick={() => actions.goTo(way.id)}
              >
                {way.state.status === 'done' ? (
                  <Frame picture={way.state.result.frame} alt={desk.way(index + 1)} />
                ) : (
                  <span className="thumb is-empty" style={{ display: 'block' }} />
                )}
                <span className="way-label">
                  <b>{String.fromCharCode(65 + index)}</b>
                  <span className="seed">{way.seed}</span>
                  {way.id === turn.id && <span className="push">{desk.here}</span>}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
      <dl className="details">
        <div>
          <dt>{desk.seed}</dt>
          <dd>{turn.seed}</dd>
        </div>
        <div>
          <dt>{desk.steps}</dt>
          <dd>{turn.steps}</dd>
        </div>
        {time !== null && (
          <div>
            <dt>{desk.madeIn}</dt>
            <dd>{inSeconds(time)}</dd>
          </div>
        )}
        {state.status === 'done' && (
          <>
            <div>
              <dt>{desk.history}</dt>
              <dd>{desk.tokens(state.result.cachedTokens, state.result.computedTokens)}</dd>
            </div>
            <div>
              <dt>{desk.ranOn}</dt>
              <dd>{desk.backends[state.result.backend]}</dd>
            </div>
          </>
        )}
        <div>
          <dt>{desk.model}</dt>
          <dd>{turn.model.id}</dd>
        </div>
      </dl>
    </aside>
  );
}

function StartDetails({ document }: SideProps) {
  const { desk } = useMessages();
  const check = useEditor((state) => state.pictureCheck);
  if (document.root.kind === 'words') {
    return (
      <aside className="side is-details" aria-label={desk.start}>
        <div className="side-head">
          <h2>{desk.start}</h2>
        </div>
        <dl className="details">
          <div>
            <dt>{desk.picture}</dt>
            <dd>{desk.noStart}</dd>
          </div>
        </dl>
        <p className="side-note">{desk.noStartNote}</p>
      </aside>
    );
  }
  return (
    <aside className="side is-details" aria-label={desk.startPicture}>
      <div className="side-head">
        <h2>{desk.start}</h2>
      </div>
      <dl className="details">
        <div>
          <dt>{desk.picture}</dt>
          <dd>{document.root.name}</dd>
        </div>
        <div>
          <dt>{desk.fitToModel}</dt>
          <dd>
            {check.status === 'checked'
              ? `${check.psnrDb.toFixed(1)}\u00a0dB`
              : check.status === 'checking'
                ? desk.checkingFit
                : desk.checkedLater}
          </dd>
        </div>
      </dl>
      <p className="side-note">{desk.fitNote}</p>
    </aside>
  );
}

const STAGES: readonly EditStage[] = ['text', 'history', 'denoise', 'decode'];

interface NowProps extends SideProps {
  readonly run: Extract<RunState, { readonly status: 'running' }>;
  readonly queue: readonly Turn['id'][];
}

function Now({ document, run, queue }: NowProps) {
  const actions = useActions();
  const m = useMessages();
  const { desk } = m;
  const number = lineTo(document, run.turnId).at(-1)?.number ?? 0;
  const at = run.progress === null ? -1 : STAGES.indexOf(run.progress.stage);
  return (
    <aside className="side" aria-label={desk.makingNow}>
      <div className="side-head">
        <h2>{desk.now}</h2>
        <span className="quiet small">{desk.turnSmall(number)}</span>
      </div>
      <ol className="stages">
        {STAGES.map((stage, index) => (
          <li key={stage} className={index < at ? 'is-done' : index === at ? 'is-now' : undefined}>
            {index < at ? (
              <Icon name="check" />
            ) : (
              <span className={index === at ? 'stage-mark' : 'stage-mark is-waiting'}>
                {index > at && <Icon name="more" />}
              </span>
            )}
            <span>
              {index === at && stage === 'denoise' ? progressWords(desk, run.progress) : desk.stages[stage]}
            </span>
          </li>
        ))}
      </ol>
      {queue.length > 0 && (
        <>
          <div className="side-head">
            <h2>{desk.next}</h2>
            <span className="quiet small">{m.turns(queue.length)}</span>
          </div>
          <ol className="queue">
            {queue.map((id) => {
              const words = turnTitle(turnOf(document, id));
              return (
                <li key={id}>
                  <p className="turn-words" lang="en">
                    {words}
                  </p>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={desk.unqueueOne(words)}
                    title={desk.unqueue}
                    onClick={() => actions.cancel(id)}
                  >
                    <Icon name="close" />
                  </button>
                </li>
              );
            })}
          </ol>
        </>
      )}
      <p className="side-note">{desk.runsHere}</p>
    </aside>
  );
}
