/** Reads the manifest of a model over the network. */
import type { Bytes } from './chunkPlan.ts';
import { EngineError } from './contract.ts';
import type { ModelManifest } from './contract.ts';
import { downloadFailed, refuseHtml, withoutStall } from './download.ts';
import type { DownloadPorts } from './download.ts';
import { failure, loadingStopped } from './failures.ts';
import { parseManifest } from './manifest.ts';

/** Reads `manifest.json` below `modelUrl` (absolute, ending in a slash). */
export async function fetchManifest(
  modelUrl: string,
  ports: DownloadPorts,
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelManifest> {
  const url = new URL('manifest.json', modelUrl).href;
  try {
    const bytes = await withoutStall(ports, signal, async (inner) => {
      // The browser's own HTTP cache may hold an older manifest, hence the revalidation.
      const response = await ports.fetch(url, { cache: 'no-cache', signal: inner });
      if (!response.ok) throw downloadFailed(url, `status ${response.status}`);
      refuseHtml(url, response);
      return new Uint8Array(await response.arrayBuffer());
    });
    return parseManifest(parseJson(bytes, 'manifest.json'));
  } catch (error) {
    if (signal.aborted) throw loadingStopped();
    throw error instanceof EngineError ? error : downloadFailed(url, String(error));
  }
}

export function parseJson(bytes: Bytes, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw failure('json-invalid', { file: name }, String(error));
  }
}
