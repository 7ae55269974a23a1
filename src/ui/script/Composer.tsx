import { useMemo } from 'react';

import { linesOf } from '../../session/adding.ts';
import { refusalOf } from '../../session/capabilities.ts';
import { findTurn, type SessionDocument, type Task } from '../../session/document.ts';
import { replayed } from '../../session/replay.ts';
import { selectComposer, selectMakeBlock, selectUnknownWords } from '../../session/selectors.ts';
import { attachPoint, beginsFromWords, childrenOf } from '../../session/tree.ts';
import { canBeginFromWords, canUseRegions } from '../abilities.ts';
import { lineTo } from '../canvas/turnLine.ts';
import { descriptionsFor, scenesFor } from '../first/descriptions.ts';
import { LoadModel } from '../first/LoadModel.tsx';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useOpen } from '../open.ts';
import { useActions, useEditor, usePage, useView } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Segments } from '../parts/Segments.tsx';
import { ContextRibbon } from './ContextRibbon.tsx';
import { MakeWhat, useMade } from './MakeWhat.tsx';
import { Parts } from './Parts.tsx';
import { References } from './References.tsx';
import { Scope } from './Scope.tsx';
import { WordsField } from './WordsField.tsx';

interface ComposerProps {
  readonly document: SessionDocument;
}

const COUNTS = [1, 2, 4, 9].map((value) => ({ value, text: String(value) }));
const MAX_SEED = 2 ** 32 - 1;

/** The line being written: the next line of the script. */
export function Composer({ document }: ComposerProps) {
  const { offer, view } = usePage();
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
  const isStory = useView((state) => state.mode === 'story');
  const made = useMade(document);
  const note = placeNote(m, document, number, canUseRegions(offer) && made === 'image' && !isStory);
  const revised = composer.revising === null ? undefined : findTurn(document, composer.revising);
  // Said of one turn, so that it does not hold for the next one that is reworded.
  const isReplaying = useView((state) => state.replaying !== null && state.replaying === revised?.id);
  const followers = useMemo(
    () => (revised === undefined ? 0 : replayed(document, revised.id).length),
    [document, revised],
  );
  const make = (isNext = false): void => {
    if (block !== null) return;
    if (made === 'scene') actions.setTask({ kind: made });
    const isReplay = revised !== undefined && followers > 0 && isReplaying;
    const added = isReplay ? actions.reviseAndReplay(revised.id) : actions.makeEdit(count);
    // The last one goes first, so that they keep their order.
    if (isNext) added.toReversed().forEach((id) => actions.moveInQueue(id, -queueLength - added.length));
    // Rewording keeps the seed so that only the words differ; the turn after it starts afresh.
    if (composer.revising !== null) actions.setSeed(null);
  };
  const isQueued = isRunning || queueLength > 0;
  const makeMore = isFromWords ? m.composer.makePictures : makersOf(m)[made];
  const makeWords = isQueued
    ? m.composer.addToQueue
    : followers > 0 && isReplaying
      ? m.composer.replay(followers)
      : makeMore(count * linesOf(composer).length);
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
      <div className="write-head">
        <Scope
          regions={composer.regions}
          isFromWords={isFromWords}
          about={made === 'image' ? null : m.story.scopes[made](number - 1)}
          note={note}
        />
        {!isFromWords && <MakeWhat document={document} />}
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
      {revised !== undefined && followers > 0 && (
        <label className="choice replay-choice">
          <input
            type="checkbox"
            checked={isReplaying}
            onChange={(event) => view.setState({ replaying: event.target.checked ? revised.id : null })}
          />
          <span>{m.composer.replayToo(followers)}</span>
        </label>
      )}
      <Parts document={document} />
      <References document={document} />
      <WordsField key={document.id} document={document} made={made} onMake={make} />
      <UnknownWords />
      <Refusal document={document} />
      <AddPart document={document} />
      {isFromWords && !canBeginFromWords(offer) && <NeedsPicture />}
      {composer.instruction === '' &&
        (isFromWords || document.turns.length === 0 || (isStory && made === 'scene')) && (
          <Examples document={document} made={made} />
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

/** The words of the button that makes so many of each. */
function makersOf({ composer, story }: Messages): Readonly<Record<Task['kind'], (count: number) => string>> {
  return {
    image: composer.makeEdits,
    scene: story.makeScenes,
    'clip-between': story.makeClips,
    'clip-edit': () => story.makes['clip-edit'],
  };
}

/** Why the model would not take the line as it stands, before anything is queued. */
function Refusal({ document }: ComposerProps) {
  const { failure } = useMessages();
  const { offer } = usePage();
  const { composer } = document;
  const { references, regions, task } = composer;
  const hasStage = regions.now !== null || regions.next !== null;
  const asksMore = references.length > 0 || hasStage || task.kind !== 'image';
  if (typeof offer === 'string' || !asksMore) return null;
  const refusal = refusalOf(document, attachPoint(document), composer, offer);
  if (refusal === null) return null;
  return (
    <p className="unknown" role="status">
      <Icon name="warn" />
      <span>{failure(`${refusal.happened} ${refusal.safe}`)}</span>
    </p>
  );
}

/** Puts the region with its words away as a line, so that the next region can be drawn. */
function AddPart({ document }: ComposerProps) {
  const { offer } = usePage();
  const actions = useActions();
  const { composer: m } = useMessages();
  const { instruction, regions } = document.composer;
  const isMoved = regions.now !== null || regions.next !== null;
  if (!canUseRegions(offer) || regions.drawn === null || isMoved || instruction.trim() === '') return null;
  return (
    <button
      type="button"
      className="word-button add-part"
      title={m.addPartTitle}
      onClick={() => {
        actions.addPart();
        window.document.getElementById('words')?.focus();
      }}
    >
      <Icon name="plus" />
      {m.addPart}
    </button>
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

function Examples({ document, made }: ComposerProps & { readonly made: Task['kind'] }) {
  const { starters, offer } = usePage();
  const m = useMessages();
  const actions = useActions();
  const { root } = document;
  const prompts =
    typeof offer === 'string'
      ? []
      : root.kind === 'words'
        ? descriptionsFor(offer.world)
        : made === 'scene'
          ? scenesFor(offer.world)
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
