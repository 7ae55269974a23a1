import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import {
  attachPoint,
  beginsFromWords,
  childrenOf,
  findTurn,
  isBlank,
  type SessionDocument,
} from '../../session/document.ts';
import { earlierWords } from '../../session/groups.ts';
import { selectComposer, selectMakeBlock, selectUnknownWords } from '../../session/selectors.ts';
import { canBeginFromWords, canUseRegions } from '../abilities.ts';
import { maskShare } from '../canvas/maskPixels.ts';
import { lineTo } from '../canvas/turnLine.ts';
import { descriptionsFor } from '../first/descriptions.ts';
import { LoadModel } from '../first/LoadModel.tsx';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useOpen } from '../open.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Segments } from '../parts/Segments.tsx';
import { Swatch } from '../parts/Swatch.tsx';
import { isComposing } from '../shortcuts.ts';
import { inPercent } from '../words.ts';
import { ContextRibbon } from './ContextRibbon.tsx';

interface ComposerProps {
  readonly document: SessionDocument;
}

const COUNTS = [1, 2, 4, 9].map((value) => ({ value, text: String(value) }));
const MAX_SEED = 2 ** 32 - 1;

/** The line being written: the next line of the script. */
export function Composer({ document }: ComposerProps) {
  const { editor, offer } = usePage();
  const m = useMessages();
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
  const note = placeNote(m, document, number, canUseRegions(offer));
  const revised = composer.revising === null ? undefined : findTurn(document, composer.revising);
  const { drawn } = composer.regions;
  const share = useMemo(() => {
    const mask = drawn === null ? null : editor.actions.maskOf(drawn.hash);
    return mask === null ? null : maskShare(mask);
  }, [editor, drawn]);

  const make = (): void => {
    if (block !== null) return;
    actions.makeEdit(count);
    // Rewording keeps the seed so that only the words differ; the turn after it starts afresh.
    if (composer.revising !== null) actions.setSeed(null);
  };
  const isQueued = isRunning || queueLength > 0;
  const makeMore = isFromWords ? m.composer.makePictures : m.composer.makeEdits;
  const makeWords = isQueued ? m.composer.addToQueue : makeMore(count);
  return (
    <form
      className="write"
      aria-label={m.turn(number)}
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
        {composer.regions.next?.by === 'moved' && !isFromWords ? (
          <>
            <span className="scope-where">
              <Swatch />
              <Swatch kind="next" />
              {m.composer.fromTo}
            </span>
            <span className="quiet">{m.composer.byDragging}</span>
            <button
              type="button"
              className="word-button push"
              onClick={() => {
                actions.setRegion('next', null);
                actions.setRegion('now', null);
              }}
            >
              {m.composer.wholePicture}
            </button>
          </>
        ) : share === null || isFromWords ? (
          <>
            <span className="scope-where">
              {isFromWords ? m.composer.fromWords : m.composer.wholePicture}
            </span>
            <span className="quiet">{note}</span>
          </>
        ) : (
          <>
            <span className="scope-where">
              <Swatch />
              {m.composer.inRegion}
            </span>
            <span className="quiet">{m.composer.drawn(inPercent(share))}</span>
            <button type="button" className="word-button push" onClick={() => actions.setMask(null)}>
              {m.composer.wholePicture}
            </button>
          </>
        )}
      </div>
      {revised !== undefined && (
        <div className="revising">
          <p className="turn-was">
            {m.composer.was} <del lang="en">{revised.instruction}</del>
          </p>
          <button
            type="button"
            className="word-button push"
            onClick={() => actions.branchFrom(document.current)}
          >
            {m.composer.leaveIt}
          </button>
        </div>
      )}
      <WordsField key={document.id} document={document} onMake={make} />
      <UnknownWords />
      {isFromWords && !canBeginFromWords(offer) && <NeedsPicture />}
      {composer.instruction === '' && (isFromWords || document.turns.length === 0) && (
        <Examples document={document} />
      )}
      <ContextRibbon document={document} />
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
function placeNote(
  { composer }: Messages,
  document: SessionDocument,
  number: number,
  hasRegions: boolean,
): string {
  const parent = attachPoint(document);
  const isBranch = childrenOf(document, parent).length > 0 && document.composer.revising === null;
  if (beginsFromWords(document)) return isBranch ? composer.anotherFirst : composer.theFirst;
  const above = parent === null ? undefined : findTurn(document, parent);
  if (above !== undefined && above.state.status !== 'done') return composer.waitsFor(number - 1);
  if (isBranch) return composer.newBranch(number - 1);
  return hasRegions ? composer.orDraw : '';
}

interface WordsFieldProps extends ComposerProps {
  readonly onMake: () => void;
}

function WordsField({ document, onMake }: WordsFieldProps) {
  const actions = useActions();
  const { composer: m } = useMessages();
  const instruction = useEditor((state) => selectComposer(state).instruction);
  const isRunning = useEditor((state) => state.run.status === 'running');
  const field = useRef<HTMLTextAreaElement>(null);
  const isFromWords = beginsFromWords(document);
  const [question, hint] = isFromWords ? [m.whatShows, m.whatShowsHint] : [m.whatChanges, m.whatChangesHint];
  const mayWrite = isBlank(document);
  // Words are all there is to begin with, so the person can start writing at once.
  useEffect(() => {
    if (mayWrite) field.current?.focus();
  }, [mayWrite]);
  const draft = useRef('');
  const [recalled, setRecalled] = useState(-1);
  const earlier = useMemo(() => earlierWords(document), [document]);

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
      placeholder={isRunning && !isFromWords ? m.andThen : hint}
      // The model reads English whatever the language of the page is.
      lang="en"
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
  const m = useMessages();
  const { view } = usePage();
  return (
    <div id="words-note" aria-live="polite">
      {unknown.length > 0 && (
        <p className="unknown">
          <Icon name="warn" />
          <span>
            {m.composer.unknown(unknown)}
            <button
              type="button"
              className="example"
              style={{ font: 'inherit' }}
              onClick={() => view.setState({ dialog: 'about' })}
            >
              {m.whatItKnows}
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
  const m = useMessages();
  return (
    <p className="unknown">
      <Icon name="warn" />
      <span>
        {m.composer.needsPicture}
        <button
          type="button"
          className="example"
          style={{ font: 'inherit' }}
          onClick={() => chooseFile('picture')}
        >
          {m.openPicture}
        </button>
      </span>
    </p>
  );
}

function Examples({ document }: ComposerProps) {
  const { starters, offer } = usePage();
  const m = useMessages();
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
    <div className="examples" role="group" aria-label={m.composer.examplesLabel}>
      <span className="quiet small" aria-hidden="true">
        {m.tryThese}
      </span>
      {prompts.slice(0, 6).map((prompt) => (
        <button
          key={prompt}
          type="button"
          className="example"
          lang="en"
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

function Recipe() {
  const { view, editor } = usePage();
  const actions = useActions();
  const { composer: m } = useMessages();
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
        label={m.ways}
        value={count}
        options={COUNTS}
        onChange={(value) => view.setState({ count: value })}
      />
      <span className="field-line seed-line">
        <button
          type="button"
          className="icon-button"
          aria-pressed={seed !== null}
          aria-label={m.keepSeed}
          title={seed === null ? m.seedIsNew : m.seedIsKept}
          onClick={toggleLock}
        >
          <Icon name={seed === null ? 'seed' : 'lock'} />
        </button>
        <NumberField
          label={m.seed}
          isLabelShown={false}
          value={seed}
          placeholder={m.newSeed}
          min={0}
          max={MAX_SEED}
          onChange={(value) => editor.actions.setSeed(value)}
        />
      </span>
    </div>
  );
}
