// Joins attention over parts of the keys: output = sum of 2^(maximum of a part - highest) times its total, over the same sum of its weights.
// parts [splits, n, H, D + 4] (unnormalised total; then maximum, sum of weights, two unused), output [n, H, D].
// n = queries, H = heads, D = 4 HEAD_VECS; one thread per vec4 of the output.

struct Params {
  queries: u32,
  heads: u32,
  capacity: u32,
  splits: u32,
}

override HEAD_VECS: u32;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parts: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<f32>>;

@compute @workgroup_size(64)
fn merge(@builtin(global_invocation_id) thread: vec3<u32>) {
  let row = thread.x / HEAD_VECS;
  let rows = params.queries * params.heads;
  if (row < rows) {
    let stride = rows * (HEAD_VECS + 1u);
    let first = row * (HEAD_VECS + 1u);
    var highest = parts[first + HEAD_VECS].x;
    for (var split = 1u; split < params.splits; split++) {
      highest = max(highest, parts[first + split * stride + HEAD_VECS].x);
    }
    var total = vec4<f32>();
    var weights = 0.0;
    for (var split = 0u; split < params.splits; split++) {
      let part = first + split * stride;
      // A part without keys has the lowest maximum there is and weighs nothing.
      let share = exp2(parts[part + HEAD_VECS].x - highest);
      total += share * parts[part + thread.x % HEAD_VECS];
      weights += share * parts[part + HEAD_VECS].y;
    }
    // Without any key all parts are zero; otherwise the highest key weighs one.
    output[thread.x] = total / max(weights, 0.5);
  }
}
