/** Which builds of attention the test adapter can have: the others are named as not run, so that none passes unseen. */

import { planAttentionTile, type AttentionOptions } from '../attention/attention.ts';
import type { TestDevice } from './device.ts';

function describe(options: AttentionOptions): string {
  const words = Object.entries(options).map(([name, value]) => (value === true ? name : `${name} ${value}`));
  return `{ ${words.join(', ')} }`;
}

/** Those of `all` that run here; prints them and the features they show, and those that are not run. */
export function buildsHere(
  { device, name }: TestDevice,
  all: readonly AttentionOptions[],
): readonly AttentionOptions[] {
  const { limits, features, adapterInfo } = device;
  const lanesOf = (options: AttentionOptions): number =>
    planAttentionTile(options, {
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      invocations: limits.maxComputeInvocationsPerWorkgroup,
    }).keyTile / 4;
  const isHere = (options: AttentionOptions): boolean =>
    (options.isNativeHalf !== true || features.has('shader-f16')) &&
    (options.isShuffling !== true ||
      (features.has('subgroups') && lanesOf(options) <= adapterInfo.subgroupMinSize));
  const here = all.filter(isHere);
  const shown = {
    'shader-f16': here.some(({ isNativeHalf }) => isNativeHalf === true),
    [`subgroups of ${adapterInfo.subgroupMinSize}`]: here.some(({ isShuffling }) => isShuffling === true),
  };
  const list = (builds: readonly AttentionOptions[]): string => builds.map(describe).join(' ') || 'none';
  const exercised = Object.entries(shown).flatMap(([feature, isShown]) => (isShown ? [feature] : []));
  process.stdout.write(
    `${name}: ${here.length} builds of attention run, with ${['the core of WebGPU', ...exercised].join(', ')}; ` +
      `not run here: ${list(all.filter((options) => !here.includes(options)))}\n`,
  );
  return here;
}
