import type { LoadProgress, ModelStorage } from '../../runtime/contract.ts';
import { canBeginFromWords } from '../abilities.ts';
import { useNextStep } from '../nextStep.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { countOf, inBytes } from '../words.ts';

interface LoadModelProps {
  /** In the composer, where the first page is no longer in sight. */
  readonly isSmall?: boolean;
}

const STORED: Readonly<Record<ModelStorage, string>> = {
  kept: 'It is kept in this browser.',
  refused: 'It is in memory only: this browser gives no storage, as in a private window.',
  full: 'It is in memory only: there is too little room, so the next visit fetches it again.',
};

const PHASES = {
  download: 'Fetching and checking',
  compile: 'Preparing for this device',
  'self-test': 'Testing',
};

function phaseWords(progress: LoadProgress | null): string {
  if (progress === null) return 'Starting';
  return progress.isWaiting
    ? 'Another tab is loading it; this one goes on by itself'
    : PHASES[progress.phase];
}

/** The button that fetches the model, its progress in checked bytes, and what to do when it fails. */
export function LoadModel({ isSmall = false }: LoadModelProps) {
  const { offer } = usePage();
  const actions = useActions();
  const model = useEditor((state) => state.model);
  const next = useNextStep(model.status === 'failed' ? model.failure : null);
  if (typeof offer === 'string') return isSmall ? null : <p className="load-failed">{offer}</p>;
  const bytes = offer.files.reduce((sum, file) => sum + file.bytes, 0);

  if (model.status === 'ready') {
    return isSmall ? null : (
      <p className="load-note">{`${offer.title} is loaded. ${STORED[model.info.storage]} Open a picture to begin${canBeginFromWords(offer) ? ', or start from words' : ''}.`}</p>
    );
  }
  if (model.status === 'loading') {
    const { progress } = model;
    const done = progress?.verifiedBytes ?? 0;
    const total = progress?.totalBytes ?? bytes;
    const received = progress?.receivedBytes ?? 0;
    const words =
      progress === null || progress.phase === 'download'
        ? `${inBytes(done)} of ${inBytes(total)} checked`
        : PHASES[progress.phase];
    return (
      <div className={isSmall ? 'load-progress is-small' : 'load-progress'}>
        <p className="load-words">
          {!isSmall && <span>{phaseWords(progress)}</span>}
          <span className="push">{words}</span>
        </p>
        <div
          className="load-bar"
          role="progressbar"
          aria-label="Loading the model"
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
  return (
    <>
      {model.status === 'failed' && !isSmall && (
        <p className="load-failed" role="alert">{`${model.failure.happened} ${model.failure.safe}`}</p>
      )}
      <button type="button" className={isSmall ? 'act' : 'act is-large'} onClick={begin}>
        {model.status === 'failed' ? model.failure.nextLabel || 'Load the model again' : 'Load the model'}
        <span className="load-size">{inBytes(bytes)}</span>
      </button>
      {!isSmall && (
        <p className="load-note">
          {`${countOf(offer.files.length, 'file', 'files')}, fetched once from this site. Each is checked against its SHA-256 and kept in this browser.`}
        </p>
      )}
    </>
  );
}
