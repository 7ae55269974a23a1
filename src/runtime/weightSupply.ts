/** Gives each graph the weights it names, and lets go of them as soon as no graph that is still to be opened does. */
import type { Bytes } from './chunkPlan.ts';
import type { ModelManifest, ModelWeights } from './contract.ts';
import { widenFloat16 } from './float16.ts';
import type { ReadFile } from './modelFiles.ts';

interface ExternalData {
  readonly path: string;
  readonly data: Bytes;
}

/** Weights that `graph` may name. */
export function weightsOf(
  { weights }: Pick<ModelManifest, 'weights'>,
  graph: string,
): readonly ModelWeights[] {
  return weights.filter(({ graphs }) => graphs?.includes(graph) ?? true);
}

/** `names` are the graphs that are going to ask, each once and in this order. */
export function createWeightSupply(
  manifest: Pick<ModelManifest, 'weights'>,
  names: readonly string[],
  read: ReadFile,
): (graph: string) => Promise<readonly ExternalData[]> {
  const inMemory = new Map<string, ExternalData>();
  const waiting = [...names];

  async function bring({ file, externalData, storage }: ModelWeights): Promise<ExternalData> {
    const known = inMemory.get(file);
    if (known !== undefined) return known;
    const bytes = await read(file);
    const isNarrow = (storage ?? 'float16') === 'float16';
    const data = { path: externalData, data: isNarrow ? widenFloat16(bytes) : bytes };
    inMemory.set(file, data);
    return data;
  }

  return async (graph) => {
    const brought: ExternalData[] = [];
    for (const weights of weightsOf(manifest, graph)) brought.push(await bring(weights));
    waiting.splice(waiting.indexOf(graph), 1);
    const still = new Set(waiting.flatMap((later) => weightsOf(manifest, later)).map(({ file }) => file));
    for (const file of inMemory.keys()) if (!still.has(file)) inMemory.delete(file);
    return brought;
  };
}
