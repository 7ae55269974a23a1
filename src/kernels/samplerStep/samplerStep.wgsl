// One Euler step of the flow with guidance, then kept cells go back to the noised frame being edited.
// latent, clean_cond, clean_uncond, previous, noise, output [C, P] where P = Hl Wl cells of a plane; mask [P], 0 = kept.
// C = latent channels; one thread per number.

struct Params {
  count: u32,
  plane: u32,
  is_guided: u32,
  is_masked: u32,
  is_last: u32,
  guidance: f32,
  step: f32,
  signal: f32,
}

override WORKGROUP_SIZE: u32;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> latent: array<f32>;
@group(0) @binding(2) var<storage, read> clean_cond: array<f32>;
@group(0) @binding(3) var<storage, read> clean_uncond: array<f32>;
@group(0) @binding(4) var<storage, read> mask: array<f32>;
@group(0) @binding(5) var<storage, read> previous: array<f32>;
@group(0) @binding(6) var<storage, read> noise: array<f32>;
@group(0) @binding(7) var<storage, read_write> output: array<f32>;

fn next(i: u32, current: f32) -> f32 {
  if (params.is_masked != 0u && mask[i % params.plane] == 0.0) {
    return params.signal * previous[i] + (1.0 - params.signal) * noise[i];
  }
  var clean = clean_cond[i];
  if (params.is_guided != 0u) {
    clean = clean_uncond[i] + params.guidance * (clean - clean_uncond[i]);
  }
  if (params.is_last != 0u) {
    return clean;
  }
  return current + params.step * (clean - current);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn advance(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x < params.count) {
    output[thread.x] = next(thread.x, latent[thread.x]);
  }
}

// WebGPU forbids binding one buffer as input and as output, so the current value comes from the output.
@compute @workgroup_size(WORKGROUP_SIZE)
fn advance_in_place(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x < params.count) {
    output[thread.x] = next(thread.x, output[thread.x]);
  }
}
