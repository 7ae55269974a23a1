/** Compiles a WGSL kernel and records its dispatches: the one place that touches WebGPU pipelines and bind groups. */

/** What a caller hands over for one binding: a whole buffer or a part of it. Callers own all buffers. */
export type Binding = GPUBuffer | GPUBufferBinding;

/** Names and kinds of the bindings of group 0, in the order of their binding numbers. */
export type BindingKinds = Readonly<Record<string, 'uniform' | 'read-only-storage' | 'storage'>>;

export interface KernelSource<Kinds extends BindingKinds> {
  readonly label: string;
  readonly wgsl: string;
  /** Declarations that the text uses, of which a kernel has more than one set to choose from. */
  readonly parts?: readonly string[];
  /** What the text needs of the device, which must have been opened with the feature. */
  readonly enables?: readonly ('f16' | 'subgroups')[];
  readonly entryPoint: string;
  readonly bindings: Kinds;
  /** `override` constants: sizes that may be set after parsing. */
  readonly overrides: Readonly<Record<string, number>>;
  /** Sizes of register tiles, which WGSL wants as `const`; prepended to the text. */
  readonly registerTiles?: Readonly<Record<string, number>>;
}

export interface Kernel<Kinds extends BindingKinds = BindingKinds> {
  readonly label: string;
  readonly device: GPUDevice;
  readonly bindings: Kinds;
  readonly layout: GPUBindGroupLayout;
  readonly pipeline: GPUComputePipeline;
}

/** A kernel that does not compile, or a call whose shapes, sizes or buffers do not fit; the message names both sides. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** Throws a `KernelError` with `message` unless `condition` holds. */
export function ensure(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new KernelError(message());
}

/** Throws a `KernelError` unless `value` is a whole number from `least` to `most`. */
export function requireWhole(name: string, value: number, least: number, most = 0xffff_ffff): void {
  ensure(
    Number.isInteger(value) && value >= least && value <= most,
    () => `${name} must be a whole number from ${least} to ${most}, but is ${value}.`,
  );
}

/** The only edit of shader text: what is added stands before its first line or after its last, so that line numbers stay true. */
function assemble({
  wgsl,
  parts = [],
  enables = [],
  registerTiles = {},
}: Pick<KernelSource<BindingKinds>, 'wgsl' | 'parts' | 'enables' | 'registerTiles'>): string {
  const features = enables.map((feature) => `enable ${feature}; `);
  const constants = Object.entries(registerTiles).map(([name, value]) => `const ${name} = ${value}u; `);
  return [...features, ...constants, [wgsl, ...parts].join('\n')].join('');
}

function describeErrors(info: GPUCompilationInfo): string {
  return info.messages
    .filter((message) => message.type === 'error')
    .map((message) => `line ${message.lineNum}:${message.linePos}: ${message.message}`)
    .join('\n');
}

/**
 * Compiles a kernel with an explicit bind group layout.
 * @throws KernelError with the compiler's own messages.
 */
export async function createKernel<Kinds extends BindingKinds>(
  device: GPUDevice,
  source: KernelSource<Kinds>,
): Promise<Kernel<Kinds>> {
  const { label, bindings } = source;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code: assemble(source) });
  const layout = device.createBindGroupLayout({
    label,
    entries: Object.values(bindings).map((type, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const pipelineLayout = device.createPipelineLayout({ label, bindGroupLayouts: [layout] });
  const [info, invalid] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
  const errors = describeErrors(info);
  ensure(errors === '', () => `The kernel "${label}" does not compile:\n${errors}`);
  ensure(invalid === null, () => `The kernel "${label}" is not valid on this device: ${invalid?.message}`);
  try {
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: pipelineLayout,
      compute: { module, entryPoint: source.entryPoint, constants: { ...source.overrides } },
    });
    return { label, device, bindings, layout, pipeline };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new KernelError(`The kernel "${label}" does not build on this device: ${reason}`, { cause: error });
  }
}

function bufferOf(binding: Binding): GPUBufferBinding {
  return 'buffer' in binding ? binding : { buffer: binding };
}

/** Whether two bindings begin at the same byte of the same buffer. */
export function isSameBinding(one: Binding, other: Binding): boolean {
  const [a, b] = [bufferOf(one), bufferOf(other)];
  return a.buffer === b.buffer && (a.offset ?? 0) === (b.offset ?? 0);
}

/** Throws a `KernelError` unless the bound part of the buffer holds at least `bytes` bytes. */
export function requireBytes(label: string, name: string, binding: Binding, bytes: number): void {
  const { buffer, offset = 0, size = buffer.size - offset } = bufferOf(binding);
  ensure(
    offset + size <= buffer.size && size >= bytes,
    () =>
      `${label}: "${name}" needs ${bytes} bytes, but ${size} are bound at offset ${offset} of a buffer of ${buffer.size}.`,
  );
}

/** Records one dispatch into the caller's pass; nothing is submitted and nothing is awaited. */
export function encodeDispatch<Kinds extends BindingKinds>(
  kernel: Kernel<Kinds>,
  pass: GPUComputePassEncoder,
  buffers: Readonly<Record<keyof Kinds, Binding>>,
  workgroups: readonly [x: number, y: number, z?: number],
): void {
  const [x, y, z = 1] = workgroups;
  const most = kernel.device.limits.maxComputeWorkgroupsPerDimension;
  ensure(
    Math.max(x, y, z) <= most,
    () =>
      `${kernel.label}: ${workgroups.join(' x ')} workgroups exceed ${most} per dimension; split the call.`,
  );
  const group = kernel.device.createBindGroup({
    label: kernel.label,
    layout: kernel.layout,
    entries: Object.keys(kernel.bindings).map((name, binding) => {
      const bound = buffers[name];
      ensure(bound !== undefined, () => `${kernel.label}: no buffer is bound to "${name}".`);
      return { binding, resource: bufferOf(bound) };
    }),
  });
  pass.setPipeline(kernel.pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y, z);
}

/** Makes a buffer that holds `data`, for instance the params of a plan. The caller destroys it. */
export function uploadBuffer(
  device: GPUDevice,
  label: string,
  data: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
  usage: GPUBufferUsageFlags,
): GPUBuffer {
  // Storage bindings must not be empty, and copies come in words.
  const size = Math.max(16, Math.ceil(data.byteLength / 4) * 4);
  const buffer = device.createBuffer({ label, size, usage: usage | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}
