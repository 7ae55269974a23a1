/** What the model that is loaded, or on offer, can find for the line being written. */
import type { ModelManifest } from '../../../runtime/contract.ts';
import { refusalOf } from '../../../session/capabilities.ts';
import type { SessionDocument } from '../../../session/document.ts';
import type { RegionStage } from '../../../session/stages.ts';
import { attachPoint } from '../../../session/tree.ts';

/** Why a region is not to be had: the model cannot, there are no words, or what else stands in the way. */
export type FindBlock = 'unable' | 'no-words' | { readonly happened: string };

/** Null when `findRegionNow` or `findRegionNext` would go ahead. `offer` is a sentence where no manifest was read. */
export function findBlock(
  document: SessionDocument,
  offer: ModelManifest | string,
  stage: RegionStage,
): FindBlock | null {
  const { composer } = document;
  if (typeof offer === 'string') return 'unable';
  const regions = { ...composer.regions, next: null, now: stage === 'now' ? null : composer.regions.now };
  const ask = { ...composer, regions };
  const refusal = refusalOf(document, attachPoint(document), ask, offer, `region-${stage}`);
  if (refusal !== null) return refusal.code === 'unsupported' ? 'unable' : { happened: refusal.happened };
  const hasWords = composer.instruction.trim() !== '' || regions.now !== null || regions.drawn !== null;
  return hasWords ? null : 'no-words';
}
