import { selectDocument } from '../../session/selectors.ts';
import { canBeginFromWords } from '../abilities.ts';
import { useMessages } from '../messages/useMessages.ts';
import { bytesOfModel } from '../modelFacts.ts';
import { useOpen } from '../open.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { ModelChoice } from '../parts/ModelChoice.tsx';
import { inBytes } from '../words.ts';
import { descriptionsFor, UNDERWRITING } from './descriptions.ts';
import { FinishedExamples } from './FinishedExamples.tsx';
import { LoadModel } from './LoadModel.tsx';
import { PlainWords } from './PlainWords.tsx';
import { Trial } from './Trial.tsx';

export function FirstPage() {
  const m = useMessages();
  return (
    <>
      <aside className="script hello" aria-label={m.first.start}>
        <div className="hello-scroll">
          <h1>{m.first.title}</h1>
          <p className="hello-lead">
            {m.first.lead}
            {m.first.englishOnly}
          </p>
          <DeviceChecks />
          <Trial />
          <div className="hello-load">
            <LoadModel />
          </div>
          <ModelChoice />
        </div>
        <svg className="underwriting" aria-hidden="true">
          {UNDERWRITING.map((line, index) => (
            <text
              key={line}
              transform={`translate(${12 + index * 49} ${-30 - ((index * 37) % 60)}) rotate(90)`}
            >
              {line}
            </text>
          ))}
        </svg>
        <Tries />
      </aside>
      <main className="first-desk" id="picture" aria-label={m.first.begin}>
        <div className="first-ready">
          <FinishedExamples />
          <Scenes />
        </div>
        <div className="first-own">
          <FromWords />
          <OwnPicture />
          <StoredSessions />
        </div>
        <PlainWords />
      </main>
    </>
  );
}

function DeviceChecks() {
  const { device, offer } = usePage();
  const m = useMessages();
  const bytes = typeof offer === 'string' ? null : bytesOfModel(offer);
  const hasRoom = bytes === null || device.freeBytes === null || device.freeBytes > bytes;
  return (
    <section aria-labelledby="device-head">
      <h2 id="device-head">{m.first.device}</h2>
      <ul className="checks">
        <li>
          <Icon
            name={device.adapter === null ? 'warn' : 'check'}
            className={device.adapter === null ? 'is-watch' : 'is-kept'}
          />
          <span>WebGPU</span>
          <span className="quiet">
            {device.adapter ?? (device.reason === null ? '' : m.first.noGpu[device.reason])}
          </span>
        </li>
        {device.adapter === null && (
          <li>
            <Icon name="check" className="is-kept" />
            <span>{m.first.processor}</span>
            <span className="quiet">{m.first.processorNote}</span>
          </li>
        )}
        <li>
          <Icon name={hasRoom ? 'check' : 'warn'} className={hasRoom ? 'is-kept' : 'is-watch'} />
          <span>{m.first.storage}</span>
          <span className="quiet">
            {[
              bytes === null ? '' : m.first.needed(inBytes(bytes)),
              device.freeBytes === null ? '' : m.first.free(inBytes(device.freeBytes)),
            ]
              .filter((part) => part !== '')
              .join(m.comma)}
          </span>
        </li>
      </ul>
    </section>
  );
}

/** Prompts of the scenes: each opens its scene and fills the box, and runs nothing. */
function Tries() {
  const { starters } = usePage();
  const m = useMessages();
  const { openStarter } = useOpen();
  const tries = starters.flatMap((starter) =>
    starter.prompts.slice(0, 1).map((prompt) => ({ starter, prompt })),
  );
  if (tries.length === 0) return null;
  return (
    <div className="write first-write">
      <span className="turn-number" aria-hidden="true">
        1
      </span>
      <span className="turn-dot" aria-hidden="true" />
      <p className="write-question">{m.first.whatChanges}</p>
      <div className="examples" role="group" aria-label={m.first.triesLabel}>
        <span className="quiet small" aria-hidden="true">
          {m.tryThese}
        </span>
        {tries.slice(0, 6).map(({ starter, prompt }) => (
          <button
            key={starter.url}
            type="button"
            className="example"
            lang="en"
            onClick={() => void openStarter(starter, prompt)}
          >
            {prompt}
          </button>
        ))}
      </div>
    </div>
  );
}

/** A small row where finished examples stand above, and else the largest thing there is to begin with. */
function Scenes() {
  const { starters, examples } = usePage();
  const m = useMessages();
  const { openStarter } = useOpen();
  if (starters.length === 0) return null;
  return (
    <section aria-labelledby="scenes-head">
      <div className="section-head">
        <h2 id="scenes-head">{m.first.scenes}</h2>
        <span className="quiet">{m.first.scenesNote}</span>
      </div>
      <ul className={examples.length > 0 ? 'scenes is-small' : 'scenes'}>
        {starters.map((starter) => (
          <li key={starter.url}>
            <button type="button" className="scene" onClick={() => void openStarter(starter)}>
              <img src={starter.url} alt="" />
              <span className="scene-title" lang="en">
                {starter.title}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A line to write on instead of a picture; it opens a blank session and runs nothing. */
function FromWords() {
  const { offer } = usePage();
  const m = useMessages();
  const { openWords } = useOpen();
  if (typeof offer === 'string' || !canBeginFromWords(offer)) return null;
  return (
    <section aria-labelledby="words-head">
      <div className="section-head">
        <h2 id="words-head">{m.first.words}</h2>
      </div>
      <button type="button" className="words-tile" onClick={() => void openWords()}>
        {m.first.wordsTile}
      </button>
      <div className="examples" role="group" aria-label={m.first.wordsLabel}>
        {descriptionsFor(offer.world).map((description) => (
          <button
            key={description}
            type="button"
            className="example"
            lang="en"
            onClick={() => void openWords(description)}
          >
            {description}
          </button>
        ))}
      </div>
    </section>
  );
}

function OwnPicture() {
  const { chooseFile } = useOpen();
  const m = useMessages();
  return (
    <section aria-labelledby="own-head">
      <div className="section-head">
        <h2 id="own-head">{m.first.own}</h2>
      </div>
      <div className="drop">
        <Icon name="image" />
        <p>{m.first.drop}</p>
        <div className="drop-actions">
          <button type="button" className="word-button is-edged" onClick={() => chooseFile('picture')}>
            {m.openPicture}
          </button>
          <button type="button" className="word-button is-edged" onClick={() => chooseFile('any')}>
            {m.openSessionFile}
          </button>
        </div>
      </div>
    </section>
  );
}

function StoredSessions() {
  const { view } = usePage();
  const sessions = useEditor((state) => state.sessions);
  const open = useEditor(selectDocument);
  const actions = useActions();
  const m = useMessages();
  const latest = sessions[0];
  if (open === null && latest === undefined) return null;
  const goOn = (): void => {
    if (open !== null) view.setState({ isHome: false });
    else if (latest !== undefined) void actions.openSession(latest.id);
  };
  return (
    <p className="stored">
      <button type="button" className="example" onClick={goOn}>
        {m.first.goOn(open?.name ?? latest?.name ?? '')}
      </button>{' '}
      <button type="button" className="example" onClick={() => view.setState({ dialog: 'sessions' })}>
        {m.sessionsHere}
      </button>
    </p>
  );
}
