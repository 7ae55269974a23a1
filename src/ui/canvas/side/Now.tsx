import type { EditStage } from '../../../runtime/contract.ts';
import { findTurn, type SessionDocument } from '../../../session/document.ts';
import { useMessages } from '../../messages/useMessages.ts';
import { useEditor } from '../../page.ts';
import { Icon } from '../../parts/Icon.tsx';
import { turnTitle } from '../../words.ts';
import { progressWords } from '../Progress.tsx';
import { lineTo } from '../turnLine.ts';
import { NotifyChoice } from './NotifyChoice.tsx';
import { Queue } from './Queue.tsx';

const DOING: readonly EditStage[] = ['text', 'history', 'denoise', 'decode'];

interface NowProps {
  readonly document: SessionDocument;
}

/** What is being made, how far it is, and what comes next. */
export function Now({ document }: NowProps) {
  const m = useMessages();
  const { desk } = m;
  const run = useEditor((state) => state.run);
  const turn = run.status === 'running' ? findTurn(document, run.turnId) : undefined;
  const at = run.status === 'running' && run.progress !== null ? DOING.indexOf(run.progress.stage) : -1;
  return (
    <aside className="side" aria-label={desk.makingNow}>
      {run.status === 'running' && turn !== undefined && (
        <>
          <div className="side-head">
            <h2>{desk.now}</h2>
            <span className="quiet small">
              {desk.turnSmall(lineTo(document, run.turnId).at(-1)?.number ?? 0)}
            </span>
          </div>
          {run.turnId !== document.current && (
            <p className="turn-words now-words" lang="en">
              {turnTitle(turn)}
            </p>
          )}
          <ol className="stages">
            {DOING.map((stage, index) => (
              <li key={stage} className={index < at ? 'is-done' : index === at ? 'is-now' : undefined}>
                {index < at ? (
                  <Icon name="check" />
                ) : (
                  <span className={index === at ? 'stage-mark' : 'stage-mark is-waiting'}>
                    {index > at && <Icon name="more" />}
                  </span>
                )}
                <span>
                  {index === at && stage === 'denoise'
                    ? progressWords(desk, run.progress)
                    : desk.stages[stage]}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
      <Queue document={document} />
      <div className="side-note">
        <NotifyChoice />
        <p>{desk.runsHere}</p>
      </div>
    </aside>
  );
}
