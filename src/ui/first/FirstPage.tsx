import { selectDocument } from '../../session/selectors.ts';
import { canBeginFromWords } from '../abilities.ts';
import { useOpen } from '../open.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { countOf, inBytes } from '../words.ts';
import { descriptionsFor } from './descriptions.ts';
import { LoadModel } from './LoadModel.tsx';

const UNDERWRITING = [
  'Put a sailboat on the horizon',
  'Move the ball next to the cat',
  'Late afternoon, long warm light',
  'Give the cat a hat, make it snow',
  'They sail into the dusk',
  'Replace the dog with a fox',
  'A boat comes in, the moon follows',
  'Home, under the old tree',
  'Make it night, then make it day',
];

export function FirstPage() {
  return (
    <>
      <aside className="script hello" aria-label="Start">
        <div className="hello-scroll">
          <h1>{'Edit a picture one\u00a0sentence at a time'}</h1>
          <p className="hello-lead">
            Each turn builds on all the turns before it: your words, the pictures and the regions you draw.
            The model runs on your own device. Nothing is uploaded.
          </p>
          <DeviceChecks />
          <div className="hello-load">
            <LoadModel />
          </div>
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
      <main className="first-desk" id="picture" aria-label="Begin">
        <Scenes />
        <div className="first-own">
          <FromWords />
          <OwnPicture />
          <StoredSessions />
          <Limits />
        </div>
      </main>
    </>
  );
}

function DeviceChecks() {
  const { device, offer } = usePage();
  const bytes = typeof offer === 'string' ? null : offer.files.reduce((sum, file) => sum + file.bytes, 0);
  const hasRoom = bytes === null || device.freeBytes === null || device.freeBytes > bytes;
  return (
    <section aria-labelledby="device-head">
      <h2 id="device-head">This device</h2>
      <ul className="checks">
        <li>
          <Icon
            name={device.adapter === null ? 'warn' : 'check'}
            className={device.adapter === null ? 'is-watch' : 'is-kept'}
          />
          <span>WebGPU</span>
          <span className="quiet">{device.adapter ?? device.reason}</span>
        </li>
        {device.adapter === null && (
          <li>
            <Icon name="check" className="is-kept" />
            <span>Processor</span>
            <span className="quiet">works with WASM, slower</span>
          </li>
        )}
        <li>
          <Icon name={hasRoom ? 'check' : 'warn'} className={hasRoom ? 'is-kept' : 'is-watch'} />
          <span>Storage</span>
          <span className="quiet">
            {[
              bytes === null ? '' : `${inBytes(bytes)} needed`,
              device.freeBytes === null ? '' : `${inBytes(device.freeBytes)} free`,
            ]
              .filter((part) => part !== '')
              .join(', ')}
          </span>
        </li>
      </ul>
    </section>
  );
}

/** Prompts of the scenes: each opens its scene and fills the box, and runs nothing. */
function Tries() {
  const { starters } = usePage();
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
      <p className="write-question">What should change?</p>
      <div className="examples" role="group" aria-label="Examples; each opens its scene and fills the box">
        <span className="quiet small" aria-hidden="true">
          Try
        </span>
        {tries.slice(0, 6).map(({ starter, prompt }) => (
          <button
            key={starter.url}
            type="button"
            className="example"
            onClick={() => void openStarter(starter, prompt)}
          >
            {prompt}
          </button>
        ))}
      </div>
    </div>
  );
}

function Scenes() {
  const { starters } = usePage();
  const { openStarter } = useOpen();
  if (starters.length === 0) return null;
  return (
    <section aria-labelledby="scenes-head">
      <div className="section-head">
        <h2 id="scenes-head">Begin with a scene</h2>
        <span className="quiet">Drawn like the pictures the model learned from</span>
      </div>
      <ul className="scenes">
        {starters.map((starter) => (
          <li key={starter.url}>
            <button type="button" className="scene" onClick={() => void openStarter(starter)}>
              <img src={starter.url} alt="" />
              <span className="scene-title">{starter.title}</span>
              <span className="quiet">
                {countOf(starter.prompts.length, 'prompt to try', 'prompts to try')}
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
  const { openWords } = useOpen();
  if (typeof offer === 'string' || !canBeginFromWords(offer)) return null;
  return (
    <section aria-labelledby="words-head">
      <div className="section-head">
        <h2 id="words-head">Or begin with words</h2>
      </div>
      <button type="button" className="words-tile" onClick={() => void openWords()}>
        What should the picture show?
      </button>
      <div
        className="examples"
        role="group"
        aria-label="Descriptions; each begins a session and fills the box"
      >
        {descriptionsFor(offer.world).map((description) => (
          <button
            key={description}
            type="button"
            className="example"
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
  return (
    <section aria-labelledby="own-head">
      <div className="section-head">
        <h2 id="own-head">Or with your own</h2>
      </div>
      <div className="drop">
        <Icon name="image" />
        <p>Drop a picture anywhere, or paste one</p>
        <div className="drop-actions">
          <button type="button" className="word-button is-edged" onClick={() => chooseFile('picture')}>
            Open a picture
          </button>
          <button type="button" className="word-button is-edged" onClick={() => chooseFile('any')}>
            Open a session file
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
  const latest = sessions[0];
  if (open === null && latest === undefined) return null;
  const goOn = (): void => {
    if (open !== null) view.setState({ isHome: false });
    else if (latest !== undefined) void actions.openSession(latest.id);
  };
  return (
    <p className="stored">
      <button type="button" className="example" onClick={goOn}>
        {`Go on with “${open?.name ?? latest?.name}”`}
      </button>{' '}
      <button type="button" className="example" onClick={() => view.setState({ dialog: 'sessions' })}>
        Sessions on this device
      </button>
    </p>
  );
}

function Limits() {
  const { offer, view } = usePage();
  if (typeof offer === 'string') return null;
  const { objects, backgrounds, styles } = offer.world;
  return (
    <p className="limits">
      {`The model here is small and was trained by this project on drawn scenes: ${countOf(objects.length, 'thing', 'things')}, ${countOf(backgrounds.length, 'background', 'backgrounds')}, ${countOf(styles.length, 'style', 'styles')}. It does not know photographs. `}
      <button type="button" className="example" onClick={() => view.setState({ dialog: 'about' })}>
        What it can do, with numbers
      </button>
    </p>
  );
}
