/** Our own GPUDevice, which onnxruntime and our kernels share, and the truth about whether it still works. */
import { failure } from './failures.ts';

export interface OpenDevice {
  readonly device: GPUDevice;
  /** Name of the adapter for people. */
  readonly description: string;
  /** The processor plays the graphics card. */
  readonly isSoftware: boolean;
  /** Throws 'device-lost' after a loss or an error of the device; never again silent once it has thrown. */
  readonly assertUsable: () => void;
  readonly close: () => void;
}

/** Limits that onnxruntime's WebGPU provider and our kernels use where the adapter has more than the default. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Features that builds of our kernels use, but that onnxruntime must not see. */
const KERNEL_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups'];

/** Threads of a row of queries in the widest build of attention. */
const LEAST_SUBGROUP = 8;

const kernelFeatures = new WeakMap<GPUDevice, ReadonlySet<string>>();

/** What `device.features` does not say: those that only our kernels may use. */
export function kernelFeaturesOf(device: GPUDevice): ReadonlySet<string> {
  return kernelFeatures.get(device) ?? new Set();
}

/** Older browsers say less of an adapter, and nothing of its subgroups. */
function kernelFeaturesOn({ features, info }: Partial<GPUAdapter>): readonly GPUFeatureName[] {
  const { subgroupMinSize = 0 }: Partial<GPUAdapterInfo> = info ?? {};
  return KERNEL_FEATURES.filter(
    (name) => features?.has(name) === true && (name !== 'subgroups' || subgroupMinSize >= LEAST_SUBGROUP),
  );
}

/**
 * With subgroups the attention of onnxruntime is wrong on several Vulkan drivers; without the feature it takes its exact
 * path. It goes by what the device says of itself.
 */
function hideKernelFeatures(device: GPUDevice, hidden: readonly string[]): void {
  const shown = new Set(Array.from(device.features).filter((name) => !hidden.includes(name)));
  Object.defineProperty(device, 'features', { value: shown });
  kernelFeatures.set(device, new Set(hidden));
}

/** Resolves to a sentence that says why there is no device when there is none. */
export async function openDevice(gpu: GPU | undefined): Promise<OpenDevice | string> {
  if (gpu === undefined) return 'This browser has no WebGPU.';
  let adapter: GPUAdapter | null;
  let device: GPUDevice;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return 'WebGPU found no graphics adapter.';
    const { limits } = adapter;
    const ours = kernelFeaturesOn(adapter);
    device = await adapter.requestDevice({
      requiredFeatures: [...ours],
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, limits[name]])),
    });
    hideKernelFeatures(device, ours);
  } catch (error) {
    return `The graphics adapter could not be opened: ${String(error)}`;
  }
  return watchDevice(device, adapter.info);
}

function watchDevice(device: GPUDevice, info: GPUAdapterInfo): OpenDevice {
  // Safari has no adapterInfo on the device, and onnxruntime reads it unchecked.
  if ((device as { adapterInfo?: GPUAdapterInfo }).adapterInfo === undefined) {
    Object.defineProperty(device, 'adapterInfo', { value: info });
  }
  let fault: string | undefined;
  const watch = async (): Promise<void> => {
    const { reason, message } = await device.lost;
    fault ??= `${reason}: ${message}`;
  };
  void watch();
  device.addEventListener('uncapturederror', (event) => {
    fault ??= event.error.message;
  });
  const description = [info.vendor, info.architecture, info.description]
    .filter((part) => part !== '')
    .join(' ');
  return {
    device,
    description: description === '' ? 'unnamed adapter' : description,
    // Older browsers do not say what an adapter falls back to.
    isSoftware:
      (info as { isFallbackAdapter?: boolean }).isFallbackAdapter === true ||
      /swiftshader|llvmpipe/i.test(description),
    assertUsable() {
      if (fault !== undefined) throw failure('device-stopped', {}, fault);
    },
    close: () => device.destroy(),
  };
}
