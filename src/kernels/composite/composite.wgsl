// Makes the bytes of a decoded picture and pastes them over the earlier one where an edit or a drawn region says so.
// planar [3, H, W] in -1..1; made, unedited, earlier, output [H, W] of RGBA bytes; mask [H, W] bytes, four in a word; ramp, spread [H, W].
// H, W = height, width of the picture; one thread per pixel, and one dispatch each for bytes, ramp, spread and paste.

struct Params {
  width: u32,
  height: u32,
  is_pasting: u32,
  is_masked: u32,
  kept_below: f32,
  slope: f32,
}

override WORKGROUP_SIZE: u32;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> planar: array<f32>;
@group(0) @binding(2) var<storage, read> unedited: array<u32>;
@group(0) @binding(3) var<storage, read> earlier: array<u32>;
@group(0) @binding(4) var<storage, read> mask: array<u32>;
@group(0) @binding(5) var<storage, read_write> made: array<u32>;
@group(0) @binding(6) var<storage, read_write> ramp: array<f32>;
@group(0) @binding(7) var<storage, read_write> spread: array<f32>;
@group(0) @binding(8) var<storage, read_write> output: array<u32>;

const AVERAGE = 2;
const REACH = 4;
const SOFT = 4;

fn bytes_of(pixel: u32) -> vec4<f32> {
  return vec4<f32>((vec4<u32>(pixel) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}

fn pixel_of(bytes: vec4<f32>) -> u32 {
  let whole = vec4<u32>(bytes) << vec4<u32>(0u, 8u, 16u, 24u);
  return whole.x | whole.y | whole.z | whole.w;
}

// The pixel `x` right of and `y` below `pixel`; the edge of the picture is repeated outwards.
fn near(pixel: u32, x: i32, y: i32) -> u32 {
  let size = vec2<i32>(vec2<u32>(params.width, params.height));
  let place = vec2<i32>(vec2<u32>(pixel % params.width, pixel / params.width)) + vec2<i32>(x, y);
  let inside = clamp(place, vec2<i32>(), size - 1);
  return u32(inside.y * size.x + inside.x);
}

// By its bits, because implementations may assume that no such number occurs.
fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// What is not a number shows in an alpha of 0: as a byte it would be black.
@compute @workgroup_size(WORKGROUP_SIZE)
fn make_bytes(@builtin(global_invocation_id) thread: vec3<u32>) {
  let pixel = thread.x;
  let area = params.width * params.height;
  if (pixel < area) {
    let colour = vec3<f32>(planar[pixel], planar[area + pixel], planar[2u * area + pixel]);
    let alpha = select(0.0, 255.0, is_finite(colour.x) && is_finite(colour.y) && is_finite(colour.z));
    made[pixel] = pixel_of(vec4<f32>(round(clamp((colour + 1.0) * 127.5, vec3<f32>(), vec3<f32>(255.0))), alpha));
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn weigh(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x < params.width * params.height) {
    var sum = 0.0;
    for (var y = -AVERAGE; y <= AVERAGE; y++) {
      for (var x = -AVERAGE; x <= AVERAGE; x++) {
        let pixel = near(thread.x, x, y);
        let difference = abs(bytes_of(made[pixel]) - bytes_of(unedited[pixel])).xyz;
        sum += max(difference.x, max(difference.y, difference.z));
      }
    }
    // Sums of bytes are exact, so what lies below the limit weighs nothing at all.
    ramp[thread.x] = clamp((sum - params.kept_below) * params.slope, 0.0, 1.0);
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn reach_out(@builtin(global_invocation_id) thread: vec3<u32>) {
  if (thread.x < params.width * params.height) {
    var highest = 0.0;
    for (var y = -REACH; y <= REACH; y++) {
      for (var x = -REACH; x <= REACH; x++) {
        highest = max(highest, ramp[near(thread.x, x, y)]);
      }
    }
    spread[thread.x] = highest;
  }
}

fn mixed(before: vec4<f32>, after: vec4<f32>, weight: f32) -> vec4<f32> {
  return floor(before + (after - before) * weight + 0.5);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn paste(@builtin(global_invocation_id) thread: vec3<u32>) {
  let pixel = thread.x;
  if (pixel < params.width * params.height) {
    let before = bytes_of(earlier[pixel]);
    var after = bytes_of(made[pixel]);
    let alpha = after.w;
    if (params.is_pasting != 0u) {
      var sum = 0.0;
      for (var y = -SOFT; y <= SOFT; y++) {
        for (var x = -SOFT; x <= SOFT; x++) {
          sum += spread[near(pixel, x, y)];
        }
      }
      after = mixed(before, after, sum / f32((2 * SOFT + 1) * (2 * SOFT + 1)));
    }
    if (params.is_masked != 0u) {
      after = mixed(before, after, f32((mask[pixel / 4u] >> (pixel % 4u * 8u)) & 255u) / 255.0);
    }
    output[pixel] = pixel_of(vec4<f32>(after.xyz, alpha));
  }
}
