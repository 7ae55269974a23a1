import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import {
  attachPoint,
  beginsFromWords,
  childrenOf,
  findTurn,
  isBlank,
  pathTo,
  type SessionDocument,
} from '../../session/document.ts';
import { selectComposer, selectMakeBlock, selectUnknownWords } from '../../session/selectors.ts';
import { canBeginFromWords, canUseRegions } from '../abilities.ts';
import { maskShare } from '../canvas/maskTool.ts';
import { lineTo } from '../canvas/turnLine.ts';
import { descriptionsFor } from '../first/descriptions.ts';
import { LoadModel } from '../first/LoadModel.tsx';
import { useOpen } from '../open.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Segments } from '../parts/Segments.tsx';
import { Swatch } from '../parts/Swatch.tsx';
import { isComposing } from '../shortcuts.ts';
import { countOf, inPercent } from '../words.ts';

interface ComposerProps {
  readonly document: SessionDocument;
}

const COUNTS = [1, 2, 4].map((value) => ({ value, text: String(value) }));
const MAX_SEED = 2 ** 32 - 1;

/** The line being written: the next line of the script. */
export function Composer({ document }: ComposerProps) {
  const { editor, offer } = usePage();
  const actions = useActions();
  const composer = useEditor(selectComposer);
  const block = useEditor(selectMakeBlock);
  // While a notice says what is wrong with the model, the next step stands there and not here.
  const canLoad = useEditor(
    ({ model, notice }) => model.status !== 'ready' && (model.status !== 'failed' || notice === null),
  );
  const isRunning = useEditor((state) => state.run.status === 'running');
  const queueLength = useEditor((state) => state.queue.length);
  const count = useView((state) => state.count);
  const parent = attachPoint(document);
  const number = (lineTo(document, parent).at(-1)?.number ?? 0) + 1;
  const isFromWords = beginsFromWords(document);
  const note = placeNote(document, number, canUseRegions(offer));
  const revised = composer.revising === null ? undefined : findTurn(document, composer.revising);
  const share = useMemo(() => {
    const mask = composer.mask === null ? null : editor.actions.maskOf(composer.mask.hash);
    return mask === null ? null : maskShare(mask);
  }, [editor, composer.mask]);

  const make = (): void => {
    if (block !== null) return;
    actions.makeEdit(count);
    // Rewording keeps the seed so that only the words differ; the turn after it starts afresh.
    if (composer.revising !== null) actions.setSeed(null);
  };
  const isQueued = isRunning || queueLength > 0;
  const [one, many] = isFromWords ? ['picture', 'pictures'] : ['edit', 'edits'];
  const makeWords = isQueued ? 'Add to queue' : `Make ${count === 1 ? one : `${count} ${many}`}`;
  return (
    <form
      className="write"
      aria-label={`Turn ${number}`}
      onSubmit={(event) => {
        event.preventDefault();
        make();
      }}
    >
      <span className="turn-number" aria-hidden="true">
        {number}
      </span>
      <span className="turn-dot" aria-hidden="true" />
      <div className="scope">
        {share === null || isFromWords ? (
          <>
            <span className="scope-where">{isFromWords ? 'From words' : 'Whole picture'}</span>
            <span className="quiet">{note}</span>
          </>
        ) : (
          <>
            <span className="scope-where">
              <Swatch />
              In the region
            </span>
            <span className="quiet">{`drawn, ${inPercent(share)}`}</span>
            <button type="button" className="word-button push" onClick={() => actions.setMask(null)}>
              Whole picture
            </button>
          </>
        )}
      </div>
      {revised !== undefined && (
        <div className="revising">
          <p className="turn-was">
            was: <del>{revised.instruction}</del>
          </p>
          <button
            type="button"
            className="word-button push"
            onClick={() => actions.branchFrom(document.current)}
          >
            Leave it
          </button>
        </div>
      )}
      <WordsField key={document.id} document={document} onMake={make} />
      <UnknownWords />
      {isFromWords && !canBeginFromWords(offer) && <NeedsPicture />}
      {composer.instruction === '' && (isFromWords || document.turns.length === 0) && (
        <Examples document={document} />
      )}
      <History document={document} />
      <div className="write-actions">
        {!canLoad && <Recipe />}
        {canLoad ? (
          <LoadModel isSmall />
        ) : (
          <button type="submit" className="act" disabled={block !== null}>
            {makeWords}
            {!isQueued && <kbd>Ctrl ↵</kbd>}
          </button>
        )}
      </div>
    </form>
  );
}

/** What the new turn will be in the tree, or what else one may do. */
function placeNote(document: SessionDocument, number: number, hasRegions: boolean): string {
  const parent = attachPoint(document);
  const isBranch = childrenOf(document, parent).length > 0 && document.composer.revising === null;
  if (beginsFromWords(document)) return isBranch ? 'another first picture' : 'the first picture';
  const above = parent === null ? undefined : findTurn(document, parent);
  if (above !== undefined && above.state.status !== 'done') return `waits for turn ${number - 1}`;
  if (isBranch) return `a new branch from ${number - 1}`;
  return hasRegions ? 'or draw a region on it' : '';
}

interface WordsFieldProps extends ComposerProps {
  readonly onMake: () => void;
}

function WordsField({ document, onMake }: WordsFieldProps) {
  const actions = useActions();
  const instruction = useEditor((state) => selectComposer(state).instruction);
  const isRunning = useEditor((state) => state.run.status === 'running');
  const field = useRef<HTMLTextAreaElement>(null);
  const isFromWords = beginsFromWords(document);
  const question = isFromWords ? 'What should the picture show' : 'What should change';
  const mayWrite = isBlank(document);
  // Words are all there is to begin with, so the person can start writing at once.
  useEffect(() => {
    if (mayWrite) field.current?.focus();
  }, [mayWrite]);
  const draft = useRef('');
  const [recalled, setRecalled] = useState(-1);
  const earlier = useMemo(
    () => [...new Set(document.turns.map((turn) => turn.instruction).toReversed())],
    [document.turns],
  );

  const recall = (step: number): void => {
    const next = Math.min(Math.max(recalled + step, -1), earlier.length - 1);
    if (recalled === -1) draft.current = instruction;
    setRecalled(next);
    actions.setInstruction(next === -1 ? draft.current : (earlier[next] ?? ''));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event.nativeEvent)) return;
    const isStep = event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown');
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onMake();
    else if (isStep) recall(event.key === 'ArrowUp' ? 1 : -1);
    else if (event.key === 'Escape' && !isRunning)
      window.document.querySelector<HTMLElement>('.picture-window')?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <textarea
      ref={field}
      className="write-field"
      id="words"
      aria-label={question}
      aria-describedby="words-note"
      placeholder={
        isRunning && !isFromWords ? 'And then? Write the next turn while this one is made.' : `${question}?`
      }
      rows={2}
      spellCheck
      value={instruction}
      onChange={(event) => {
        setRecalled(-1);
        actions.setInstruction(event.target.value.replace(/[\n\t]/g, ' '));
      }}
      onKeyDown={onKeyDown}
    />
  );
}

function UnknownWords() {
  const unknown = useEditor(selectUnknownWords);
  const { view } = usePage();
  return (
    <div id="words-note" aria-live="polite">
      {unknown.length > 0 && (
        <p className="unknown">
          <Icon name="warn" />
          <span>
            {`The model does not know ${unknown.map((word) => `“${word}”`).join(', ')}. It may ignore ${unknown.length === 1 ? 'it' : 'them'}. `}
            <button
              type="button"
              className="example"
              style={{ font: 'inherit' }}
              onClick={() => view.setState({ dialog: 'about' })}
            >
              What it knows
            </button>
          </span>
        </p>
      )}
    </div>
  );
}

/** The session waits for its first picture, and this model cannot make one. */
function NeedsPicture() {
  const { chooseFile } = useOpen();
  return (
    <p className="unknown">
      <Icon name="warn" />
      <span>
        {'This model needs a picture to begin with. '}
        <button
          type="button"
          className="example"
          style={{ font: 'inherit' }}
          onClick={() => chooseFile('picture')}
        >
          Open a picture
        </button>
      </span>
    </p>
  );
}

function Examples({ document }: ComposerProps) {
  const { starters, offer } = usePage();
  const actions = useActions();
  const { root } = document;
  const prompts =
    typeof offer === 'string'
      ? []
      : root.kind === 'words'
        ? descriptionsFor(offer.world)
        : (starters.find((starter) => starter.title === root.name)?.prompts ?? offer.world.examples);
  if (prompts.length === 0) return null;
  return (
    <div className="examples" role="group" aria-label="Examples; they fill the box and do not run">
      <span className="quiet small" aria-hidden="true">
        Try
      </span>
      {prompts.slice(0, 6).map((prompt) => (
        <button
          key={prompt}
          type="button"
          className="example"
          onClick={() => {
            actions.setInstruction(prompt);
            window.document.getElementById('words')?.focus();
          }}
        >
          {prompt}
        </button>
      ))}
    </div>
  );
}

/** What the next turn stands on. */
function History({ document }: ComposerProps) {
  const { offer } = usePage();
  const actions = useActions();
  const { steps } = useEditor(selectComposer);
  const modelSteps = typeof offer === 'string' ? null : offer.sampler.steps;
  const turns = pathTo(document, attachPoint(document)).filter((turn) => turn.state.status === 'done');
  const pictures = turns.length + (document.root.kind === 'words' ? 0 : 1);
  const regions = turns.filter((turn) => turn.mask !== null).length;
  return (
    <div className="sees">
      <span>
        {turns.length === 0
          ? document.root.kind === 'words'
            ? 'Sees your words alone'
            : 'Sees the start'
          : `Sees ${countOf(turns.length, 'turn', 'turns')}, ${countOf(pictures, 'picture', 'pictures')}`}
        {regions > 0 && `, ${countOf(regions, 'region', 'regions')}`}
      </span>
      <span className="push">
        <NumberField
          label="Steps"
          value={steps ?? modelSteps}
          min={1}
          max={100}
          onChange={(value) => actions.setSteps(value === modelSteps ? null : value)}
        />
      </span>
    </div>
  );
}

function Recipe() {
  const { view, editor } = usePage();
  const actions = useActions();
  const { seed } = useEditor(selectComposer);
  const count = useView((state) => state.count);
  const lastSeed = useEditor((state) => {
    if (state.session.status !== 'open') return null;
    const { document } = state.session;
    return (
      document.turns.find((turn) => turn.id === document.current)?.seed ?? document.turns.at(-1)?.seed ?? null
    );
  });
  const toggleLock = (): void => {
    if (seed === null) actions.setSeed(lastSeed ?? 1);
    else actions.setSeed(null);
  };
  return (
    <div className="recipe">
      <Segments
        label="How many ways"
        value={count}
        options={COUNTS}
        onChange={(value) => view.setState({ count: value })}
      />
      <span className="field-line seed-line">
        <button
          type="button"
          className="icon-button"
          aria-pressed={seed !== null}
          aria-label="Keep the seed"
          title={
            seed === null
              ? 'A new seed for every edit; press to keep one'
              : 'The seed is kept; press for new ones'
          }
          onClick={toggleLock}
        >
          <Icon name={seed === null ? 'seed' : 'lock'} />
        </button>
        <NumberField
          label="Seed"
          isLabelShown={false}
          value={seed}
          placeholder="new seed"
          min={0}
          max={MAX_SEED}
          onChange={(value) => editor.actions.setSeed(value)}
        />
      </span>
    </div>
  );
}
