/** Which graphs and files of a model a backend needs. */
import type { Backend, ModelManifest } from './contract.ts';
import { COMMON_GRAPHS, segmentGraphs } from './manifest.ts';
import { weightsOf } from './weightSupply.ts';

/** In the order in which they are opened. */
export function graphsOn(backend: Backend, { architecture }: ModelManifest): readonly string[] {
  if (backend === 'wasm') return [...COMMON_GRAPHS, 'dit_text', 'dit_vision'];
  return [...COMMON_GRAPHS, ...segmentGraphs(architecture.layers)];
}

/** Whether a graph stays open; others are opened for each text and let go of. */
export function isStaying({ keep }: Pick<ModelManifest, 'keep'>, graph: string): boolean {
  return keep?.[graph] !== 'while encoding text';
}

/** Paths of a graph and of the weights that it names. */
export function filesOfGraph(
  manifest: Pick<ModelManifest, 'graphs' | 'weights'>,
  graph: string,
): readonly string[] {
  return [manifest.graphs[graph] ?? '', ...weightsOf(manifest, graph).map(({ file }) => file)];
}

/** All files of a model with these graphs. */
export function filesOf(manifest: ModelManifest, graphs: readonly string[]): ReadonlySet<string> {
  return new Set([
    manifest.tokenizer,
    manifest.qkNorm,
    ...graphs.flatMap((graph) => filesOfGraph(manifest, graph)),
  ]);
}
