/** Tries what a device can do before anything of a model is fetched. */
import { bytesPerToken, cacheShape } from './contextCache.ts';
import type { DeviceReport, EngineOptions, ModelManifest, NoGraphicsReason } from './contract.ts';
import { openDevice } from './device.ts';
import { toEngineError } from './failures.ts';
import { withMemoryCheck } from './gpuMemory.ts';
import { hasWasmGraphs } from './graphNames.ts';
import { filesOf, graphsOn } from './graphPlan.ts';
import { proveKernels } from './layerKernels.ts';
import { planMemory } from './memoryPlan.ts';
import type { RuntimePorts } from './ports.ts';

/** Of the context that is always there at least: the start picture and a dozen turns. */
const TRIAL_TOKENS = 1024;
/** One buffer of the trial; graphs ask for their weights in smaller ones. */
const PIECE_BYTES = 2 ** 28;

/** Resolves for every device; what it cannot do is in the report. */
export async function checkDevice(
  manifest: ModelManifest,
  options: EngineOptions,
  ports: RuntimePorts,
): Promise<DeviceReport> {
  const onProcessor = (reason: NoGraphicsReason, detail: string): DeviceReport => ({
    backend: hasWasmGraphs(manifest) ? 'wasm' : null,
    detail,
    reason,
    downloadBytes: hasWasmGraphs(manifest) ? downloadBytes(manifest, 'wasm') : 0,
    graphicsBytes: 0,
  });
  if (options.backend === 'wasm') return onProcessor('turned-off', '');
  const opened = await openDevice(ports.gpu);
  if (typeof opened === 'string') return onProcessor('no-device', opened);
  const { peakBytes: graphicsBytes } = planMemory(
    manifest,
    'webgpu',
    TRIAL_TOKENS * bytesPerToken(cacheShape(manifest.architecture, false)),
  );
  let isGiven = false;
  try {
    await tryMemory(opened.device, graphicsBytes);
    isGiven = true;
    const isHalf = options.cache?.precision === 'float16';
    await proveKernels(opened.device, manifest, { isHalf, trial: undefined });
    opened.assertUsable();
    return {
      backend: 'webgpu',
      detail: opened.description,
      reason: null,
      downloadBytes: downloadBytes(manifest, 'webgpu'),
      graphicsBytes,
    };
  } catch (error) {
    const { message, detail = '' } = toEngineError(error);
    return onProcessor(isGiven ? 'wrong-results' : 'little-memory', `${message} ${detail}`.trim());
  } finally {
    opened.close();
  }
}

function downloadBytes(manifest: ModelManifest, backend: 'webgpu' | 'wasm'): number {
  const paths = filesOf(manifest, graphsOn(backend, manifest));
  return manifest.files.reduce((sum, { path, bytes }) => (paths.has(path) ? sum + bytes : sum), 0);
}

/** Rejects with 'unsupported' when the device does not give so much at once. */
async function tryMemory(device: GPUDevice, bytes: number): Promise<void> {
  const piece = Math.min(PIECE_BYTES, device.limits.maxBufferSize);
  const allocate = (): GPUBuffer[] =>
    Array.from({ length: Math.ceil(bytes / piece) }, () =>
      device.createBuffer({ label: 'trial', size: piece, usage: GPUBufferUsage.STORAGE }),
    );
  const release = (buffers: readonly GPUBuffer[]): void => {
    for (const buffer of buffers) buffer.destroy();
  };
  release(await withMemoryCheck(device, allocate, release));
}
