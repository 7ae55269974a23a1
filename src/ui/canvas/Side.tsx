import type { EditStage } from '../../runtime/contract.ts';
import { siblingsOf, turnOf, type SessionDocument, type Turn } from '../../session/document.ts';
import type { RunState } from '../../session/state.ts';
import { useActions, useEditor } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { useTool } from '../useTool.ts';
import { countOf, inSeconds, turnTime, turnTitle } from '../words.ts';
import { progressWords, STAGE_WORDS } from './Progress.tsx';
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
  const ways = waysOf(document, turn);
  const { state } = turn;
  const time = turnTime(turn);
  return (
    <aside className={ways.length > 1 ? 'side' : 'side is-details'} aria-label={`Turn ${number}`}>
      <div className="side-head">
        <h2>{`Turn ${number}`}</h2>
        {ways.length > 1 && <span className="quiet small">{countOf(ways.length, 'way', 'ways')}</span>}
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
                  <Frame picture={way.state.result.frame} alt={`Way ${index + 1}`} />
                ) : (
                  <span className="thumb is-empty" style={{ display: 'block' }} />
                )}
                <span className="way-label">
                  <b>{String.fromCharCode(65 + index)}</b>
                  <span className="seed">{way.seed}</span>
                  {way.id === turn.id && <span className="push">Here</span>}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
      <dl className="details">
        <div>
          <dt>Seed</dt>
          <dd>{turn.seed}</dd>
        </div>
        <div>
          <dt>Steps</dt>
          <dd>{turn.steps}</dd>
        </div>
        {time !== null && (
          <div>
            <dt>Made in</dt>
            <dd>{inSeconds(time)}</dd>
          </div>
        )}
        {state.status === 'done' && (
          <>
            <div>
              <dt>History</dt>
              <dd>{`${countOf(state.result.cachedTokens, 'token', 'tokens')} known, ${state.result.computedTokens.toLocaleString('en-GB')} read`}</dd>
            </div>
            <div>
              <dt>Ran on</dt>
              <dd>{state.result.backend === 'webgpu' ? 'Graphics card, WebGPU' : 'Processor, WASM'}</dd>
            </div>
          </>
        )}
        <div>
          <dt>Model</dt>
          <dd>{turn.model.id}</dd>
        </div>
      </dl>
    </aside>
  );
}

function StartDetails({ document }: SideProps) {
  const check = useEditor((state) => state.pictureCheck);
  if (document.root.kind === 'words') {
    return (
      <aside className="side is-details" aria-label="Start">
        <div className="side-head">
          <h2>Start</h2>
        </div>
        <dl className="details">
          <div>
            <dt>Picture</dt>
            <dd>None, begun from words</dd>
          </div>
        </dl>
        <p className="side-note">Turn 1 makes the first picture; every turn after it edits that one.</p>
      </aside>
    );
  }
  return (
    <aside className="side is-details" aria-label="Start picture">
      <div className="side-head">
        <h2>Start</h2>
      </div>
      <dl className="details">
        <div>
          <dt>Picture</dt>
          <dd>{document.root.name}</dd>
        </div>
        <div>
          <dt>Fit to the model</dt>
          <dd>
            {check.status === 'checked'
              ? `${check.psnrDb.toFixed(1)}\u00a0dB`
              : check.status === 'checking'
                ? 'Checking'
                : 'Checked when the model is loaded'}
          </dd>
        </div>
      </dl>
      <p className="side-note">
        How well the model's own encoder and decoder keep the picture. Higher is better.
      </p>
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
  const number = lineTo(document, run.turnId).at(-1)?.number ?? 0;
  const at = run.progress === null ? -1 : STAGES.indexOf(run.progress.stage);
  return (
    <aside className="side" aria-label="Making now">
      <div className="side-head">
        <h2>Now</h2>
        <span className="quiet small">{`turn ${number}`}</span>
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
              {index === at && stage === 'denoise' ? progressWords(run.progress) : STAGE_WORDS[stage]}
            </span>
          </li>
        ))}
      </ol>
      {queue.length > 0 && (
        <>
          <div className="side-head">
            <h2>Next</h2>
            <span className="quiet small">{countOf(queue.length, 'turn', 'turns')}</span>
          </div>
          <ol className="queue">
            {queue.map((id) => {
              const words = turnTitle(turnOf(document, id));
              return (
                <li key={id}>
                  <p className="turn-words">{words}</p>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Take "${words}" out of the queue`}
                    title="Take out of the queue"
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
      <p className="side-note">Runs on this device. Keep the tab open; the title shows progress.</p>
    </aside>
  );
}
