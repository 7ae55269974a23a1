import { memo, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { contextChips, type ContextChip } from '../../session/contextItems.ts';
import type {
  ContextKey,
  ContextPreset,
  NodeId,
  PictureRef,
  SessionDocument,
} from '../../session/document.ts';
import { costOf } from '../../session/selectors.ts';
import { attachPoint, pathTo } from '../../session/tree.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, useEditor, usePage } from '../page.ts';
import { Frame } from '../parts/Frame.tsx';
import { Icon } from '../parts/Icon.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Popover } from '../parts/Popover.tsx';
import { Swatch } from '../parts/Swatch.tsx';
import { useMedia } from '../useMedia.ts';
import { inBytes } from '../words.ts';

interface ContextRibbonProps {
  readonly document: SessionDocument;
}

/** More than these do not fit three rows, so they scroll beside the original. */
const MOST_IN_SIGHT = 16;

/** What of the history the model is given: chips in their true order that can be switched off, and what they cost. */
export function ContextRibbon({ document }: ContextRibbonProps) {
  const m = useMessages();
  const id = useId();
  const model = useEditor((state) => state.model);
  const textTokens = useEditor((state) => state.textTokens);
  const cost = useMemo(() => costOf({ model, textTokens }, document), [model, textTokens, document]);
  const chips = useMemo(() => cost?.items ?? contextChips(document), [cost, document]);
  const hasWords = document.composer.instruction !== '' || document.composer.parts.length > 0;
  const isNarrow = useMedia('(max-width: 720px)');
  // Words bring the ribbon out and their end folds it, unless the person has just said otherwise.
  const [asked, setAsked] = useState<{ readonly hasWords: boolean; readonly isOpen: boolean } | null>(null);
  const isOpen = asked?.hasWords === hasWords ? asked.isOpen : hasWords && !isNarrow;
  const on = chips.filter((chip) => chip.isOn).length;
  return (
    <div className="sees">
      <div className="sees-head">
        {chips.length === 0 ? (
          <span>{m.composer.seesWords}</span>
        ) : (
          <button
            type="button"
            className="sees-count"
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={() => setAsked({ hasWords, isOpen: !isOpen })}
          >
            {m.composer.seesOf(on, chips.length)}
          </button>
        )}
        <Cost tokens={cost?.total.tokens ?? null} bytes={cost?.total.bytes ?? null} />
        <Presets document={document} />
      </div>
      <div id={id} hidden={!isOpen || chips.length === 0}>
        {isOpen && <Chips chips={chips} document={document} />}
      </div>
    </div>
  );
}

/** The last known cost stays while new words are counted, so that it does not flicker at each key. */
function Cost(now: { readonly tokens: number | null; readonly bytes: number | null }) {
  const { comma, composer: m } = useMessages();
  const [last, setLast] = useState(now);
  if (now.tokens !== null && now.tokens !== last.tokens) setLast(now);
  if (last.tokens === null || last.bytes === null) return null;
  return (
    <span className="cost">
      {m.tokens(last.tokens)}
      <span className="cost-bytes">{`${comma}${inBytes(last.bytes)}`}</span>
    </span>
  );
}

const PRESETS: readonly Exclude<ContextPreset, 'chosen'>[] = ['all', 'recent', 'original'];

function Presets({ document }: ContextRibbonProps) {
  const { offer } = usePage();
  const actions = useActions();
  const { composer: m } = useMessages();
  const name = useId();
  const { context, steps } = document.composer;
  const modelSteps = typeof offer === 'string' ? null : offer.sampler.steps;
  return (
    <Popover label={m.preset} title={m.presetTitle}>
      <div role="radiogroup" aria-label={m.presetTitle}>
        {PRESETS.map((preset) => (
          <label key={preset} className="choice">
            <input
              type="radio"
              name={name}
              checked={context.preset === preset}
              onChange={() => actions.setContextPreset(preset)}
            />
            <span>{m.presets[preset]}</span>
          </label>
        ))}
        {context.preset === 'chosen' && (
          <label className="choice">
            <input type="radio" name={name} checked readOnly />
            <span>{m.presets.chosen}</span>
          </label>
        )}
      </div>
      <NumberField
        label={m.steps}
        value={steps ?? modelSteps}
        min={1}
        max={100}
        onChange={(value) => actions.setSteps(value === modelSteps ? null : value)}
      />
    </Popover>
  );
}

interface ChipsProps extends ContextRibbonProps {
  readonly chips: readonly (ContextChip & { readonly tokens?: number | null })[];
}

type GivenChip = ChipsProps['chips'][number];

/** What a chip shows; its reference is another object at each key of the line being written. */
const isSameChip = (a: GivenChip, b: GivenChip | undefined): boolean =>
  a.key === b?.key &&
  a.isOn === b.isOn &&
  a.isPinned === b.isPinned &&
  a.isLocked === b.isLocked &&
  a.tokens === b.tokens;

/** Words of the line change none of the chips, so that a long history costs nothing while one writes. */
const Chips = memo(
  ChipBar,
  (a, b) =>
    a.document.turns === b.document.turns &&
    a.document.current === b.document.current &&
    a.chips.length === b.chips.length &&
    a.chips.every((chip, index) => isSameChip(chip, b.chips[index])),
);

function ChipBar({ chips, document }: ChipsProps) {
  const actions = useActions();
  const m = useMessages();
  const hintId = useId();
  const bar = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const path = pathTo(document, attachPoint(document));
  const numbers = new Map<NodeId, number>([[null, 0], ...path.map(({ id }, i) => [id, i + 1] as const)]);
  const { length } = chips;
  const isLong = length > MOST_IN_SIGHT;
  const tabStop = chips.some(({ key }) => key === focused) ? focused : (chips[0]?.key ?? null);
  // The newest stand at the end, and the original stays in sight beside them.
  useEffect(() => {
    const rest = bar.current?.querySelector('.ribbon-rest');
    if (rest && length > MOST_IN_SIGHT) rest.scrollTop = rest.scrollHeight;
  }, [length]);

  const keyOf = (target: EventTarget): ContextKey | null =>
    ((target as HTMLElement).closest<HTMLElement>('[data-chip]')?.dataset['chip'] ??
      null) as ContextKey | null;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = chips.findIndex(({ key }) => key === keyOf(event.target));
    const chip = chips[at];
    if (chip === undefined) return;
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      Home: 0,
      End: chips.length - 1,
    };
    const next = to[event.key];
    if (next !== undefined) {
      const { key } = chips[Math.min(Math.max(next, 0), chips.length - 1)] ?? chip;
      bar.current?.querySelector<HTMLElement>(`[data-chip="${key}"]`)?.focus();
    } else if (event.key.toLowerCase() === 'p') actions.pinContext(chip.key, !chip.isPinned);
    else return;
    event.preventDefault();
  };

  const drawn = chips.map((chip, index) => {
    const { ref } = chip;
    return (
      <Chip
        key={chip.key}
        chipKey={chip.key}
        kind={chip.part === 'next' ? 'next' : ref?.kind === 'mask' ? 'now' : 'plain'}
        text={ref?.kind === 'text' ? ref.text : null}
        picture={pictureOf(chips, index)}
        name={chipName(m, chip, numbers.get(chip.turnId) ?? 0)}
        tokens={chip.tokens ?? null}
        isOn={chip.isOn}
        isPinned={chip.isPinned}
        isLocked={chip.isLocked}
        isTabStop={chip.key === tabStop}
      />
    );
  });
  return (
    <div
      ref={bar}
      className={isLong ? 'ribbon is-long' : 'ribbon'}
      role="toolbar"
      tabIndex={-1}
      aria-label={m.composer.seesLabel}
      aria-describedby={hintId}
      onKeyDown={onKeyDown}
      onFocus={(event) => setFocused(keyOf(event.target))}
      onClick={(event) => {
        const chip = chips.find(({ key }) => key === keyOf(event.target));
        if (chip !== undefined) actions.switchContext(chip.key, !chip.isOn);
      }}
    >
      <span id={hintId} className="spoken-only">
        {m.composer.seesHint}
      </span>
      {isLong ? (
        <>
          {drawn[0]}
          <div className="ribbon-rest">{drawn.slice(1)}</div>
        </>
      ) : (
        drawn
      )}
    </div>
  );
}

/** A region is shown on the picture that it was drawn on. */
function pictureOf(chips: readonly ContextChip[], index: number): PictureRef | null {
  const ref = chips[index]?.ref ?? null;
  if (ref === null || ref.kind === 'text') return null;
  if (ref.kind !== 'mask') return ref.frame;
  const before = chips.slice(0, index).findLast((chip) => chip.ref?.kind === 'image')?.ref;
  return before?.kind === 'image' ? before.frame : null;
}

function chipName({ composer: { chips } }: Messages, { part, ref }: ContextChip, number: number): string {
  if (ref?.kind === 'text') return ref.text;
  if (part === 'drawn') return chips.region(number);
  if (part === 'now') return chips.regionNow(number);
  if (part === 'next') return chips.regionNext(number);
  if (ref?.kind === 'reference') return chips.reference(ref.number, number);
  return number === 0 ? chips.original : chips.picture(number);
}

interface ChipProps {
  readonly chipKey: ContextKey;
  readonly kind: 'plain' | 'now' | 'next';
  readonly text: string | null;
  /** Null for words, and for a picture that is still to be made. */
  readonly picture: PictureRef | null;
  readonly name: string;
  readonly tokens: number | null;
  readonly isOn: boolean;
  readonly isPinned: boolean;
  readonly isLocked: boolean;
  readonly isTabStop: boolean;
}

/** Only the chips that changed are drawn again at each key of the line being written. */
const Chip = memo(function Chip(props: ChipProps) {
  const { chipKey, kind, text, picture, name, tokens, isOn, isPinned, isLocked } = props;
  const { comma, composer: m } = useMessages();
  const said = [
    name,
    ...(isOn ? [] : [m.chips.isOff]),
    ...(isPinned ? [m.chips.isPinned] : []),
    ...(isLocked ? [m.chips.isLocked] : []),
  ].join(comma);
  return (
    <button
      type="button"
      className={`chip ${text === null ? 'picture-chip' : 'words-chip'}${isOn ? '' : ' is-off'}`}
      lang={text === null ? undefined : 'en'}
      data-chip={chipKey}
      aria-pressed={isOn}
      aria-disabled={isLocked || undefined}
      aria-label={said}
      title={tokens === null ? said : `${said}${comma}${m.tokens(tokens)}`}
      tabIndex={props.isTabStop ? 0 : -1}
    >
      {text}
      {picture !== null && <Frame picture={picture} alt="" />}
      {kind !== 'plain' && <Swatch kind={kind} />}
      {isPinned && (
        <span className="chip-pin">
          <Icon name="pin" />
        </span>
      )}
    </button>
  );
});
