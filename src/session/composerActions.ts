/** What the person does to the line being written. */
import type { MaskPixels } from '../runtime/contract.ts';
import type { ComposerActions, ReferenceSource } from './actions.ts';
import { madeAt, taskOf } from './adding.ts';
import type { Context } from './context.ts';
import { contextChips, leftOut } from './contextItems.ts';
import {
  type Composer,
  type ContextKey,
  type Move,
  type PictureRef,
  type ReferenceRef,
  type RegionRefs,
  type SessionDocument,
  emptyRequest,
} from './document.ts';
import { pictureFailure } from './messages.ts';
import { isEmptyRegion, leastScale, middleOf, mostScale, transformMask } from './regions.ts';
import { movedInputs } from './stages.ts';
import type { UndoLabel } from './state.ts';
import { attachPoint } from './tree.ts';

export function createComposerActions(context: Context): ComposerActions {
  /** Not an undo step: text fields have their own undo, and settings show their value. */
  function compose(part: Partial<Composer>): void {
    const document = context.document();
    if (document !== null) context.commit({ ...document, composer: { ...document.composer, ...part } });
  }

  /** One undo step; nothing happens without a session, or where `change` gives null. */
  function step(label: UndoLabel, change: (at: SessionDocument) => Partial<Composer> | null): void {
    const document = context.document();
    const composer = document === null ? null : change(document);
    if (composer !== null) context.perform(label, [{ kind: 'compose', composer }]);
  }

  /** A region without a single pixel is no region. */
  function stored(mask: MaskPixels | null): PictureRef | null {
    return mask === null || isEmptyRegion(mask) ? null : context.blobs().putMask(mask);
  }

  function setRegions(
    change: (regions: RegionRefs, at: SessionDocument) => Partial<RegionRefs> | null,
  ): void {
    step('region', (at) => {
      const part = change(at.composer.regions, at);
      return part === null ? null : { regions: { ...at.composer.regions, ...part } };
    });
  }

  function moveRegion(part: Partial<Move>): void {
    setRegions((regions, { composer }) => {
      const { next, drawn } = regions;
      // Without a region now it is the drawn one that is moved, and it no longer bounds the edit.
      const now = regions.now ?? (drawn === null ? null : { by: 'drawn', mask: drawn });
      const from = now === null ? null : context.blobs().maskOf(now.mask.hash);
      const about = from === null ? null : middleOf(from);
      if (from === null || about === null) return null;
      const inputs = movedInputs({ ...composer, regions: { ...regions, now } });
      const isSame = next?.by === 'moved' && next.inputs === inputs;
      const still: Move = { dx: 0, dy: 0, scale: 1, angle: 0, about };
      const asked = { ...still, ...(isSame ? next.move : {}), ...part };
      const move = { ...asked, scale: Math.min(Math.max(asked.scale, leastScale), mostScale) };
      const isNumber = [move.dx, move.dy, move.scale, move.angle, move.about.x, move.about.y].every(
        Number.isFinite,
      );
      if (!isNumber) return null;
      const mask = context.blobs().putMask(transformMask(from, move));
      const taken = regions.now === null ? { drawn: null, now } : {};
      return { ...taken, next: { by: 'moved', mask, move, inputs } };
    });
  }

  function frameOf(source: ReferenceSource): Pick<ReferenceRef, 'frame' | 'latent' | 'source'> | null {
    if ('pixels' in source) {
      const { name, pixels } = source;
      try {
        const frame = context.blobs().putPicture(pixels);
        return { frame, latent: null, source: { kind: 'upload', name } };
      } catch (error) {
        context.notify(pictureFailure(error));
        return null;
      }
    }
    const document = context.document();
    const made = document === null ? null : madeAt(document, source.place);
    return made === null ? null : { ...made, source: { kind: 'place', id: source.place } };
  }

  function setContext(change: (at: SessionDocument) => Partial<Composer['context']> | null): void {
    step('context', (at) => {
      const part = change(at);
      return part === null ? null : { context: { ...at.composer.context, ...part } };
    });
  }

  return {
    setInstruction: (instruction) => {
      compose({ instruction });
    },
    setMask: (mask) => {
      setRegions(() => ({ drawn: stored(mask) }));
    },
    setRegion: (stage, mask) => {
      const ref = stored(mask);
      setRegions(() => ({ [stage]: ref === null ? null : { by: 'drawn', mask: ref } }));
    },
    clearRegions: () => {
      setRegions(() => ({ drawn: null, now: null, next: null }));
    },
    moveRegion,
    addPart: () => {
      step('part', ({ composer: { instruction, regions, parts } }) => {
        const part = { region: regions.drawn, instruction: instruction.trim() };
        if (part.instruction === '') return null;
        return { parts: [...parts, part], instruction: '', regions: { ...regions, drawn: null } };
      });
    },
    changePart: (index, change) => {
      step('part', ({ composer: { parts } }) => {
        const { mask, ...words } = change;
        const region = mask === undefined ? {} : { region: stored(mask) };
        return {
          parts: parts.map((part, i) => (i === index ? { ...part, ...words, ...region } : part)),
        };
      });
    },
    removePart: (index) => {
      step('part', ({ composer: { parts } }) => ({ parts: parts.filter((_, i) => i !== index) }));
    },
    addReference: (source, role = 'picture') => {
      const found = frameOf(source);
      if (found === null) return false;
      step('reference', ({ composer: { references } }) => ({
        references: [...references, { role, ...found }],
      }));
      return true;
    },
    removeReference: (index) => {
      step('reference', ({ composer: { references } }) => ({
        references: references.filter((_, i) => i !== index),
      }));
    },
    setTask: (choice) => {
      const document = context.document();
      const task = document === null ? null : taskOf(document, choice);
      if (task === null) return false;
      step('task', () => ({ task }));
      return true;
    },
    setContextPreset: (preset) => {
      setContext(() => ({ preset, off: [] }));
    },
    switchContext: (key, isOn) => {
      setContext((at) => switched(at, key, isOn));
    },
    pinContext: (key, isPinned) => {
      setContext((at) => {
        const { pinned } = at.composer.context;
        const others = pinned.filter((other) => other !== key);
        return {
          ...(isPinned ? switched(at, key, true) : {}),
          pinned: isPinned ? [...others, key] : others,
        };
      });
    },
    clearComposer: () => {
      step('task', () => emptyRequest);
    },
    setSeed: (seed) => {
      compose({ seed: within(seed, 0, 2 ** 32 - 1, Math.round) });
    },
    setSteps: (steps) => {
      compose({ steps: within(steps, 1, 200, Math.round) });
    },
    setGuidance: (guidance) => {
      compose({ guidance: within(guidance, 0, 30, (value) => value) });
    },
  };
}

/** The choice with one item switched; null when it stands so already or may not be left out. */
function switched(
  document: SessionDocument,
  key: ContextKey,
  isOn: boolean,
): Pick<Composer['context'], 'preset' | 'off'> | null {
  const chip = contextChips(document).find((one) => one.key === key);
  if (chip === undefined || chip.isOn === isOn || (chip.isLocked && !isOn)) return null;
  const { composer } = document;
  const off = leftOut(document, attachPoint(document), composer.context);
  return { preset: 'chosen', off: isOn ? off.filter((other) => other !== key) : [...off, key] };
}

/** Keeps a setting inside its range; what is not a number counts as not set. */
function within(
  value: number | null,
  least: number,
  most: number,
  round: (value: number) => number,
): number | null {
  if (value === null || Number.isNaN(value)) return null;
  return round(Math.min(Math.max(value, least), most));
}
