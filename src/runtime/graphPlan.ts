/** Which graphs and files of a model a backend needs. */
import type { Backend, ModelManifest } from './contract.ts';
import { framesOf, graphOf, sizeOfGraph } from './frames.ts';
import { COMMON_GRAPHS, segmentGraphs, sizedGraphs } from './graphNames.ts';
import { weightsOf } from './weightSupply.ts';

/** In the order in which they are opened; those of further frame sizes last. */
export function graphsOn(backend: Backend, manifest: ModelManifest): readonly string[] {
  const { layers } = manifest.architecture;
  const transformer = backend === 'wasm' ? ['dit_text', 'dit_vision'] : segmentGraphs(layers);
  const own = [...COMMON_GRAPHS, ...transformer];
  const sized = own.filter((graph) => sizedGraphs(layers).includes(graph));
  const names = framesOf(manifest).flatMap((frame, index) =>
    (index === 0 ? own : sized).map((graph) => graphOf(graph, frame, manifest)),
  );
  // All frames in tiles share the graphs of a tile.
  return [...new Set(names)];
}

/** Whether a graph is opened at once and stays; others are opened when they are needed. */
export function isStaying(manifest: Pick<ModelManifest, 'keep' | 'frames'>, graph: string): boolean {
  return manifest.keep?.[graph] !== 'while encoding text' && sizeOfGraph(manifest, graph) === undefined;
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
