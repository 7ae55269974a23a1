/** A WebGPU device in plain Node for the kernel tests. */

import { create, globals } from 'webgpu';

/** Dawn frees itself under running work when its entry object is collected, so it is held here while a device lives. */
let instance: GPU | undefined;

/**
 * Clears workgroup memory by a loop instead of one store per word: SwiftShader then compiles a kernel
 * in a tenth of the time. What a kernel sees is the same.
 */
const DAWN_OPTIONS = ['disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension'];

export interface TestDevice {
  readonly device: GPUDevice;
  /** Name of the adapter. */
  readonly name: string;
  /** Must be called at the end: Node does not exit while Dawn is there. @throws on WebGPU errors that no scope caught. */
  readonly close: () => void;
}

/** Features that some build of a kernel uses. */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups'];

/** Opens the adapter that the environment names, with the adapter's own limits and those of `features` that it has. */
export async function openTestDevice(features: readonly GPUFeatureName[] = FEATURES): Promise<TestDevice> {
  Object.assign(globalThis, globals);
  instance ??= create(DAWN_OPTIONS);
  const adapter = await instance.requestAdapter();
  if (adapter === null) {
    throw new Error(
      'No WebGPU adapter. Install a Vulkan driver, or Chromium for its SwiftShader, and set VK_ICD_FILENAMES to its vk_swiftshader_icd.json.',
    );
  }
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    },
  });
  const errors: string[] = [];
  device.addEventListener('uncapturederror', (event) => errors.push(event.error.message));
  return {
    device,
    name: adapter.info.description,
    close: () => {
      device.destroy();
      instance = undefined;
      if (errors.length > 0) throw new Error(`WebGPU reported errors:\n${errors.join('\n')}`);
    },
  };
}
