// RMS norm of q and k over the head, rotation of pairs, softmax scale on q; rotated k, and v as it is, go into their cache slots.
// q, k, v [n, H, D], norm_weights [2, D] (q, k), rotation [2, n, D/2] (cos, sin), query_out [H, n, D], key_cache and value_cache [H, capacity, D].
// n = tokens, H = heads, D = 4 HEAD_VECS (a vec4 is two rotation pairs); workgroup (x, y) = (block of tokens, head).

struct Params {
  tokens: u32,
  heads: u32,
  capacity: u32,
  slot_offset: u32,
  epsilon: f32,
  query_scale: f32,
}

override HEAD_VECS: u32;
override TOKENS_PER_WORKGROUP: u32;
// The cache holds pairs of 16-bit floats instead of 32-bit ones.
override IS_HALF: bool;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> k: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> norm_weights: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> rotation: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> query_out: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> key_cache: array<vec2<u32>>;
@group(0) @binding(8) var<storage, read_write> value_cache: array<vec2<u32>>;

// Sums of squares of q and k over each thread's vec4.
var<workgroup> squares: array<vec2<f32>, TOKENS_PER_WORKGROUP * HEAD_VECS>;

fn rotate(x: vec4<f32>, cosine: vec2<f32>, sine: vec2<f32>) -> vec4<f32> {
  return x * cosine.xxyy + x.yxwz * vec4<f32>(-sine.x, sine.x, -sine.y, sine.y);
}

// What lies beyond 16-bit floats would come out as anything.
fn narrow(x: vec4<f32>) -> vec2<u32> {
  let inside = clamp(x, vec4<f32>(-65504.0), vec4<f32>(65504.0));
  return vec2<u32>(pack2x16float(inside.xy), pack2x16float(inside.zw));
}

@compute @workgroup_size(TOKENS_PER_WORKGROUP * HEAD_VECS)
fn normalise_and_rotate(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let vec = thread % HEAD_VECS;
  let head = workgroup.y;
  let own_token = workgroup.x * TOKENS_PER_WORKGROUP + thread / HEAD_VECS;
  // Threads past the end must reach the barrier: they read the last token again and store nothing.
  let token = min(own_token, params.tokens - 1u);
  let source = (token * params.heads + head) * HEAD_VECS + vec;
  let query = q[source];
  let key = k[source];

  squares[thread] = vec2<f32>(dot(query, query), dot(key, key));
  workgroupBarrier();
  var sums = vec2<f32>();
  for (var i = 0u; i < HEAD_VECS; i++) {
    sums += squares[thread - vec + i];
  }

  if (own_token < params.tokens) {
    let scale = inverseSqrt(sums / f32(4u * HEAD_VECS) + params.epsilon);
    let cosine = rotation[token * HEAD_VECS + vec];
    let sine = rotation[(params.tokens + token) * HEAD_VECS + vec];
    let rotated_query = rotate(query * scale.x * norm_weights[vec], cosine, sine);
    let slot = (head * params.capacity + params.slot_offset + own_token) * HEAD_VECS + vec;
    query_out[(head * params.tokens + own_token) * HEAD_VECS + vec] = rotated_query * params.query_scale;
    let rotated_key = rotate(key * scale.y * norm_weights[HEAD_VECS + vec], cosine, sine);
    let value = v[source];
    if (IS_HALF) {
      key_cache[slot] = narrow(rotated_key);
      value_cache[slot] = narrow(value);
    } else {
      key_cache[2u * slot] = bitcast<vec2<u32>>(rotated_key.xy);
      key_cache[2u * slot + 1u] = bitcast<vec2<u32>>(rotated_key.zw);
      value_cache[2u * slot] = bitcast<vec2<u32>>(value.xy);
      value_cache[2u * slot + 1u] = bitcast<vec2<u32>>(value.zw);
    }
  }
}
