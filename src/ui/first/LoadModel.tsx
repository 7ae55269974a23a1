import type { LoadProgress } from '../../runtime/contract.ts';
import { canBeginFromWords } from '../abilities.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { bytesOfModel } from '../modelFacts.ts';
import { useNextStep } from '../nextStep.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { inBytes } from '../words.ts';

interface LoadModelProps {
  /** In the composer, where the first page is no longer in sight. */
  readonly isSmall?: boolean;
}

function phaseWords({ load }: Messages, progress: LoadProgress | null): string {
  if (progress === null) return load.starting;
  return progress.isWaiting ? load.otherTab : load.phases[progress.phase];
}

/** The button that fetches the model, its progress in checked bytes, and what to do when it fails. */
export function LoadModel({ isSmall = false }: LoadModelProps) {
  const { offer } = usePage();
  const actions = useActions();
  const m = useMessages();
  const model = useEditor((state) => state.model);
  const next = useNextStep(model.status === 'failed' ? model.failure : null);
  if (typeof offer === 'string') {
    return isSmall ? null : <p className="load-failed">{m.load.unreadable(offer)}</p>;
  }
  const bytes = bytesOfModel(offer);

  if (model.status === 'ready') {
    return isSmall ? null : (
      <p className="load-note">
        {m.load.isLoaded(offer.title)}
        {m.load.stored[model.info.storage]}
        {canBeginFromWords(offer) ? m.load.openOrWrite : m.load.openToBegin}
      </p>
    );
  }
  if (model.status === 'loading') {
    const { progress } = model;
    const done = progress?.verifiedBytes ?? 0;
    const total = progress?.totalBytes ?? bytes;
    const received = progress?.receivedBytes ?? 0;
    const isFetching = progress === null || progress.phase === 'download';
    const words = isFetching ? m.load.checked(inBytes(done), inBytes(total)) : m.load.phases[progress.phase];
    return (
      <div className={isSmall ? 'load-progress is-small' : 'load-progress'}>
        <p className="load-words">
          {!isSmall && <span>{phaseWords(m, progress)}</span>}
          <span className="push">{words}</span>
          {!isSmall && isFetching && (
            <button
              type="button"
              className="word-button"
              title={m.load.pauseTitle}
              onClick={() => actions.pauseModel()}
            >
              {m.load.pause}
            </button>
          )}
        </p>
        <div
          className="load-bar"
          role="progressbar"
          aria-label={m.load.loading}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor((100 * done) / Math.max(total, 1))}
          aria-valuetext={words}
        >
          <i style={{ width: `${(100 * received) / Math.max(total, 1)}%` }} />
        </div>
      </div>
    );
  }
  const begin = next ?? (() => void actions.loadModel());
  const paused = model.status === 'idle' ? model.paused : undefined;
  const anew = paused === undefined ? m.load.load : m.load.goOn;
  return (
    <>
      {model.status === 'failed' && !isSmall && (
        <p className="load-failed" role="alert">
          {m.failure(`${model.failure.happened} ${model.failure.safe}`)}
        </p>
      )}
      <button type="button" className={isSmall ? 'act' : 'act is-large'} onClick={begin}>
        {model.status === 'failed' ? m.failure(model.failure.nextLabel) || m.load.again : anew}
        <span className="load-size">{inBytes(bytes)}</span>
      </button>
      {!isSmall && (
        <p className="load-note" role={paused === undefined ? undefined : 'status'}>
          {paused === undefined
            ? m.load.files(offer.files.length)
            : m.load.paused(inBytes(paused?.verifiedBytes ?? 0), inBytes(paused?.totalBytes ?? bytes))}
        </p>
      )}
    </>
  );
}
