/** Host side of flash attention over a key and value cache. */

import {
  createKernel,
  encodeDispatch,
  ensure,
  requireBytes,
  requireWhole,
  type Binding,
  type Kernel,
} from '../kernel.ts';
import { writeStruct } from '../structLayout.ts';
import wgsl from './attention.wgsl?raw';
import cacheHalves from './cacheHalves.wgsl?raw';
import cacheWords from './cacheWords.wgsl?raw';
import mergeWgsl from './mergeSplits.wgsl?raw';
import rowsByMemory from './rowsByMemory.wgsl?raw';
import rowsBySubgroup from './rowsBySubgroup.wgsl?raw';

export const attentionParams = { queries: 'u32', heads: 'u32', capacity: 'u32', splits: 'u32' } as const;

export const attentionBindings = {
  params: 'uniform',
  query: 'read-only-storage',
  key_cache: 'read-only-storage',
  value_cache: 'read-only-storage',
  key_lists: 'read-only-storage',
  output: 'storage',
} as const;

export const mergeSplitsBindings = {
  params: 'uniform',
  parts: 'read-only-storage',
  output: 'storage',
} as const;

export interface AttentionOptions {
  /** 64 or 128. */
  readonly headDim: number;
  /** Queries per workgroup, a multiple of 4. Best when it divides the usual number of queries well. */
  readonly queryTile?: number;
  /** Keys per step: 16 or 32. */
  readonly keyTile?: number;
  /** Workgroup memory to use; the device's limit by default. */
  readonly workgroupBytes?: number;
  /** The caches hold 16-bit floats, two in a word: half the memory, and no feature of the device is needed. */
  readonly isHalf?: boolean;
  /** Of a half cache: its numbers are staged as they are, which leaves room for more of them. Needs `shader-f16`. */
  readonly isNativeHalf?: boolean;
  /** The threads of a row meet by shuffles. Needs `subgroups` of a quarter of `keyTile` threads at least. */
  readonly isShuffling?: boolean;
  /** Parts that the keys of a query are cut into at most, 1 by default: work for more of a large GPU, and a merge. */
  readonly splits?: number;
}

export interface AttentionTile {
  readonly headDim: number;
  readonly queryTile: number;
  readonly keyTile: number;
  /** Vec4s of every key, and rows of values, staged in workgroup memory at once. */
  readonly keyChunkVecs: number;
  readonly valueChunkKeys: number;
  readonly workgroupSize: number;
  readonly workgroupBytes: number;
}

export interface AttentionKernel extends Kernel<typeof attentionBindings> {
  readonly tile: AttentionTile;
  readonly isHalf: boolean;
  readonly splits: number;
  readonly merge: Kernel<typeof mergeSplitsBindings> | undefined;
}

/** Cache slots from `start` up to, not including, `end`; empty when they are equal. */
export interface KeyRange {
  readonly start: number;
  readonly end: number;
}

/** What the queries of one tile see: ranges that do not overlap, in the order in which their keys are summed. */
export type KeyRanges = readonly KeyRange[];

export interface AttentionShape {
  /** Queries of the chunk, n. */
  readonly queries: number;
  readonly heads: number;
  /** Slots per head in the cache. */
  readonly capacity: number;
  /** The same for all queries, or one entry per query tile (`ceil(queries / kernel.tile.queryTile)` of them). */
  readonly ranges: KeyRanges | readonly KeyRanges[];
}

export interface AttentionPlan {
  readonly shape: AttentionShape;
  /** Content of the uniform buffer `params`. */
  readonly params: ArrayBuffer;
  /** Content of the storage buffer `keyLists`. */
  readonly keyLists: Uint32Array<ArrayBuffer>;
  /** Parts of the keys; with more than one, `parts` must hold `partBytes`. */
  readonly splits: number;
  readonly partBytes: number;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** float32 buffers (`keyLists` is uint32, caches of a half kernel are pairs of 16 bits), H = heads, D = headDim, n = queries. */
export interface AttentionBuffers {
  /** `plan.params`. */
  readonly params: Binding;
  /** `plan.keyLists`. */
  readonly keyLists: Binding;
  /** `[H, n, D]`, already times log2(e)/sqrt(D), as `qkNormRope` writes it. */
  readonly query: Binding;
  /** `[H, capacity, D]`. */
  readonly keyCache: Binding;
  readonly valueCache: Binding;
  /** Written: `[n, H*D]`; zero where a query sees no key. */
  readonly output: Binding;
  /** Scratch of `plan.partBytes` bytes; needed where that is not 0. */
  readonly parts?: Binding;
}

interface TileLimits {
  readonly workgroupBytes: number;
  readonly invocations: number;
}

type TileSizes = Pick<AttentionTile, 'headDim' | 'queryTile' | 'keyTile' | 'keyChunkVecs' | 'valueChunkKeys'>;

function bytesOf(
  { headDim, queryTile, keyTile, keyChunkVecs, valueChunkKeys }: TileSizes,
  { isNativeHalf = false, isShuffling = false }: AttentionOptions,
): number {
  const [headVecs, lanes] = [headDim / 4, keyTile / 4];
  const rows = isShuffling ? 0 : (queryTile / 4) * lanes;
  const staged = keyTile * (keyChunkVecs + 1) + valueChunkKeys * headVecs;
  return 16 * (queryTile * headVecs + queryTile * lanes + rows) + (isNativeHalf ? 8 : 16) * staged;
}

/**
 * Sizes of the tiles for a head dimension and a device. With 32 KiB of workgroup memory a tile is
 * 32 queries x 32 keys, with the guaranteed 16 KiB it is 16 x 16 (16 x 32 for headDim 128).
 * @throws KernelError when the asked tile does not fit.
 */
export function planAttentionTile(options: AttentionOptions, limits: TileLimits): AttentionTile {
  const { headDim } = options;
  ensure(headDim === 64 || headDim === 128, () => `attention: headDim must be 64 or 128, but is ${headDim}.`);
  const available = Math.min(options.workgroupBytes ?? limits.workgroupBytes, limits.workgroupBytes);
  const isRoomy = available >= 32768;
  const queryTile = options.queryTile ?? (isRoomy ? 32 : 16);
  const keyTile = options.keyTile ?? (isRoomy || headDim === 128 ? 32 : 16);
  requireWhole('attention: queryTile', queryTile, 4);
  ensure(queryTile % 4 === 0, () => `attention: queryTile must be a multiple of 4, but is ${queryTile}.`);
  ensure(keyTile === 16 || keyTile === 32, () => `attention: keyTile must be 16 or 32, but is ${keyTile}.`);
  const workgroupSize = (queryTile / 4) * (keyTile / 4);
  ensure(
    workgroupSize <= limits.invocations,
    () =>
      `attention: a tile of ${queryTile} x ${keyTile} needs ${workgroupSize} threads, the device allows ${limits.invocations}; take a smaller queryTile.`,
  );

  const headVecs = headDim / 4;
  let keyChunkVecs = headVecs;
  let valueChunkKeys = keyTile;
  const bytes = () => bytesOf({ headDim, queryTile, keyTile, keyChunkVecs, valueChunkKeys }, options);
  // Halving the larger of the two stagings costs the fewest extra barriers.
  while (bytes() > available && Math.max(keyChunkVecs, valueChunkKeys) > 4) {
    if (keyTile * keyChunkVecs >= valueChunkKeys * headVecs) keyChunkVecs /= 2;
    else valueChunkKeys /= 2;
  }
  ensure(
    bytes() <= available && valueChunkKeys >= 4,
    () =>
      `attention: a tile of ${queryTile} x ${keyTile} needs ${bytes()} bytes of workgroup memory, ${available} are there; take a smaller queryTile.`,
  );
  return {
    headDim,
    queryTile,
    keyTile,
    keyChunkVecs,
    valueChunkKeys,
    workgroupSize,
    workgroupBytes: bytes(),
  };
}

/**
 * Compiles the kernel for one head dimension, one tile, one precision of the cache and one number of splits.
 * @throws KernelError when the device cannot have it.
 */
export async function createAttention(
  device: GPUDevice,
  options: AttentionOptions,
): Promise<AttentionKernel> {
  const tile = planAttentionTile(options, {
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    invocations: Math.min(
      device.limits.maxComputeInvocationsPerWorkgroup,
      device.limits.maxComputeWorkgroupSizeX,
    ),
  });
  const { isHalf = false, isNativeHalf = false, isShuffling = false, splits = 1 } = options;
  requireWhole('attention: splits', splits, 1, 64);
  ensure(isHalf || !isNativeHalf, () => 'attention: isNativeHalf is for caches that are half.');
  const lanes = tile.keyTile / 4;
  const subgroup = isShuffling ? smallestSubgroup(device) : lanes;
  ensure(
    lanes <= subgroup,
    () =>
      `attention: ${lanes} threads of a row do not fit into subgroups of ${subgroup}; leave out isShuffling.`,
  );
  const kernel = await createKernel(device, {
    label: 'attention',
    wgsl,
    parts: [isNativeHalf ? cacheHalves : cacheWords, isShuffling ? rowsBySubgroup : rowsByMemory],
    enables: [...(isNativeHalf ? (['f16'] as const) : []), ...(isShuffling ? (['subgroups'] as const) : [])],
    entryPoint: 'attend',
    bindings: attentionBindings,
    registerTiles: { DIM_STEPS: tile.headDim / tile.keyTile },
    overrides: {
      HEAD_VECS: tile.headDim / 4,
      QUERY_TILE: tile.queryTile,
      LANES: lanes,
      KEY_CHUNK_VECS: tile.keyChunkVecs,
      VALUE_CHUNK_KEYS: tile.valueChunkKeys,
      WORKGROUP_SIZE: tile.workgroupSize,
      ...(!isNativeHalf && { IS_HALF: Number(isHalf) }),
    },
  });
  if (splits === 1) return { ...kernel, tile, isHalf, splits, merge: undefined };
  const merge = await createKernel(device, {
    label: 'merge of attention',
    wgsl: mergeWgsl,
    entryPoint: 'merge',
    bindings: mergeSplitsBindings,
    overrides: { HEAD_VECS: tile.headDim / 4 },
  });
  return { ...kernel, tile, isHalf, splits, merge };
}

/** Threads that a subgroup has at least; browsers that know no subgroups do not say. */
function smallestSubgroup({ adapterInfo }: Pick<GPUDevice, 'adapterInfo'>): number {
  return (adapterInfo as Partial<GPUAdapterInfo>).subgroupMinSize ?? 1;
}

function isPerTile(ranges: AttentionShape['ranges']): ranges is readonly KeyRanges[] {
  return ranges.length === 0 || Array.isArray(ranges[0]);
}

function checkRanges(ranges: KeyRanges, capacity: number): void {
  const show = ({ start, end }: KeyRange) => `[${start}, ${end})`;
  for (const range of ranges) {
    const { start, end } = range;
    ensure(
      Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= capacity,
      () => `attention: the key range ${show(range)} does not lie within the ${capacity} slots of the cache.`,
    );
  }
  const filled = ranges.filter(({ start, end }) => start < end).toSorted((a, b) => a.start - b.start);
  for (const [index, range] of filled.entries()) {
    const next = filled[index + 1];
    ensure(
      next === undefined || range.end <= next.start,
      () =>
        `attention: the key ranges ${show(range)} and ${show(next ?? range)} overlap; their keys would count twice.`,
    );
  }
}

/** @throws KernelError when there are no queries or a range does not fit. */
export function checkAttention(tile: AttentionTile, shape: AttentionShape): void {
  requireWhole('attention: queries', shape.queries, 1);
  requireWhole('attention: heads', shape.heads, 1);
  requireWhole('attention: capacity', shape.capacity, 1);
  if (!isPerTile(shape.ranges)) {
    checkRanges(shape.ranges, shape.capacity);
    return;
  }
  const { length } = shape.ranges;
  const tiles = Math.ceil(shape.queries / tile.queryTile);
  ensure(
    length === tiles,
    () =>
      `attention: ${shape.queries} queries are ${tiles} tiles of ${tile.queryTile}, but there are ranges for ${length}.`,
  );
  for (const ranges of shape.ranges) checkRanges(ranges, shape.capacity);
}

function slotsOf(ranges: KeyRanges): readonly number[] {
  return ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));
}

/** Pure: checks the shape and lays out the dispatch. */
export function planAttention(
  kernel: Pick<AttentionKernel, 'tile' | 'splits'>,
  shape: AttentionShape,
): AttentionPlan {
  checkAttention(kernel.tile, shape);
  const { queries, heads, capacity, ranges } = shape;
  const { headDim, queryTile, keyTile } = kernel.tile;
  const tiles = Math.ceil(queries / queryTile);
  // Tiles that see the same share one list.
  const lists = isPerTile(ranges) ? ranges.map(slotsOf) : [slotsOf(ranges)];
  const places: number[] = [];
  let end = 2 * tiles;
  for (const list of lists) {
    places.push(end, list.length);
    end += list.length;
  }
  const headers = isPerTile(ranges) ? places : Array.from({ length: tiles }, () => places).flat();
  const longest = lists.reduce((most, list) => Math.max(most, list.length), 0);
  const splits = Math.max(1, Math.min(kernel.splits, Math.ceil(longest / keyTile)));
  return {
    shape,
    params: writeStruct(attentionParams, { queries, heads, capacity, splits }),
    keyLists: Uint32Array.from([headers, ...lists].flat()),
    splits,
    partBytes: splits === 1 ? 0 : splits * queries * heads * (headDim + 4) * 4,
    workgroups: [tiles, heads, splits],
  };
}

/** Records the dispatch into `pass`. @throws KernelError when a buffer is missing or too small. */
export function encodeAttention(
  kernel: AttentionKernel,
  pass: GPUComputePassEncoder,
  plan: AttentionPlan,
  buffers: AttentionBuffers,
): void {
  const { queries, heads, capacity } = plan.shape;
  const { label, isHalf, merge } = kernel;
  const { headDim } = kernel.tile;
  const { params, parts, output } = buffers;
  requireBytes(label, 'params', params, plan.params.byteLength);
  requireBytes(label, 'keyLists', buffers.keyLists, plan.keyLists.byteLength);
  for (const name of ['query', 'output'] as const) {
    requireBytes(label, name, buffers[name], queries * heads * headDim * 4);
  }
  for (const name of ['keyCache', 'valueCache'] as const) {
    requireBytes(label, name, buffers[name], heads * capacity * headDim * (isHalf ? 2 : 4));
  }
  const isSplit = plan.splits > 1;
  if (isSplit) {
    ensure(
      parts !== undefined,
      () => `${label}: a plan with ${plan.splits} splits needs the buffer "parts".`,
    );
    requireBytes(label, 'parts', parts, plan.partBytes);
  }
  encodeDispatch(
    kernel,
    pass,
    {
      params,
      query: buffers.query,
      key_cache: buffers.keyCache,
      value_cache: buffers.valueCache,
      key_lists: buffers.keyLists,
      output: isSplit && parts !== undefined ? parts : output,
    },
    plan.workgroups,
  );
  if (!isSplit || parts === undefined || merge === undefined) return;
  const workgroups = Math.ceil((queries * heads * headDim) / 4 / 64);
  encodeDispatch(merge, pass, { params, parts, output }, [workgroups, 1]);
}
