/** Graphics devices that are lost, or have no memory left, when a test says so. */
import type { RuntimePorts } from '../ports.ts';

interface Fragile {
  readonly ports: RuntimePorts;
  /** Graph segments, and buffers, since `count` was called last. */
  readonly segments: () => number;
  readonly allocations: () => number;
  readonly count: () => void;
  /** Loses the device before the n-th segment from now. */
  readonly loseAtSegment: (n: number) => void;
  /** Lets the n-th buffer from now fail as one that finds no memory does, and all after it. */
  readonly failFromAllocation: (n: number) => void;
  readonly devices: readonly GPUDevice[];
}

export function makeFragile(ports: RuntimePorts & { readonly gpu: GPU }): Fragile {
  const devices: GPUDevice[] = [];
  let [segments, allocations] = [0, 0];
  let [loseAt, failAt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];

  /** An error scope for memory gets the failure, as it would; without one the device reports it as uncaptured. */
  function starve(device: GPUDevice): GPUDevice {
    const create = device.createBuffer.bind(device);
    const [push, pop] = [device.pushErrorScope.bind(device), device.popErrorScope.bind(device)];
    const scopes: { readonly filter: GPUErrorFilter; hasFailed: boolean }[] = [];
    device.createBuffer = (descriptor) => {
      if (++allocations < failAt) return create(descriptor);
      const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
      if (scope !== undefined) {
        scope.hasFailed = true;
        return create(descriptor);
      }
      // Dawn's own way to a buffer without memory is not open to tests; one of this impossible use is as unusable.
      return create({ ...descriptor, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
    };
    device.pushErrorScope = (filter) => {
      scopes.push({ filter, hasFailed: false });
      push(filter);
    };
    device.popErrorScope = async () => {
      const scope = scopes.pop();
      const error = await pop();
      return scope?.hasFailed === true ? { message: 'out of memory' } : error;
    };
    return device;
  }

  return {
    devices,
    segments: () => segments,
    allocations: () => allocations,
    count() {
      [segments, allocations] = [0, 0];
      [loseAt, failAt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    },
    loseAtSegment(n) {
      loseAt = segments + n;
    },
    failFromAllocation(n) {
      failAt = allocations + n;
    },
    ports: {
      ...ports,
      gpu: {
        requestAdapter: async () => {
          const adapter = await ports.gpu.requestAdapter();
          return {
            info: adapter?.info,
            limits: adapter?.limits,
            requestDevice: async (descriptor: GPUDeviceDescriptor) => {
              const device = await adapter?.requestDevice(descriptor);
              if (device === undefined) return undefined;
              devices.push(device);
              return starve(device);
            },
          };
        },
      } as unknown as GPU,
      yieldToMessages: async () => {
        segments++;
        if (segments === loseAt) devices.at(-1)?.destroy();
        await ports.yieldToMessages();
      },
    },
  };
}
