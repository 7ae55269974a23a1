/** Names of a model's graphs. */
import type { ModelManifest } from './manifestSchema.ts';

export function segmentName(index: number): string {
  return `segment_${String(index).padStart(2, '0')}`;
}

/** Graphs of both paths beside the transformer's. */
export const COMMON_GRAPHS = ['t5', 'vae_encoder', 'vae_decoder'] as const;

/** Those that a large frame goes through in tiles. */
export const AUTOENCODER: ReadonlySet<string> = new Set(['vae_encoder', 'vae_decoder']);

export function hasWasmGraphs({ graphs }: Pick<ModelManifest, 'graphs'>): boolean {
  return graphs['dit_text'] !== undefined || graphs['dit_vision'] !== undefined;
}

/** The transformer on the WebGPU path, in the order its graphs run. */
export function segmentGraphs(layers: number): readonly string[] {
  const later = Array.from({ length: layers }, (_, index) => segmentName(index + 1));
  return ['segment_00_text', 'segment_00_vision', ...later];
}

/** Graphs in which the size of the frame is fixed; every other one serves all sizes. */
export function sizedGraphs(layers: number): readonly string[] {
  return ['vae_encoder', 'vae_decoder', 'segment_00_vision', segmentName(layers), 'dit_vision'];
}
