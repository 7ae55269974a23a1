// Flash attention with an online softmax in base 2 over a list of cache slots: output = softmax2(query key^T) value.
// query [H, n, D] (scaled by log2(e)/sqrt(D)), key_cache and value_cache [H, capacity, D], key_lists [2 tiles + slots], output [n, H, D] or partial sums.
// n = queries, H = heads, D = 4 HEAD_VECS; workgroup (x, y, z) = (query tile, head, split of the keys); a thread owns 4 rows x 4 keys, then 4 rows x 4 DIM_STEPS dims.

struct Params {
  queries: u32,
  heads: u32,
  capacity: u32,
  splits: u32,
}

override HEAD_VECS: u32;
override QUERY_TILE: u32;
// Vec4s of keys in a tile, and threads per query row: each thread has its own.
override LANES: u32;
// Vec4s of every key, and rows of values, that are staged at once: as much as the workgroup memory holds.
override KEY_CHUNK_VECS: u32;
override VALUE_CHUNK_KEYS: u32;
override WORKGROUP_SIZE: u32;

// `Stored`, `Staged`, `VECS_PER_STORED` and `stage` come from cacheWords.wgsl or cacheHalves.wgsl,
// `row_maxima` and `row_sums` from rowsByMemory.wgsl or rowsBySubgroup.wgsl.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> key_cache: array<Stored>;
@group(0) @binding(3) var<storage, read> value_cache: array<Stored>;
// Per query tile the place and length of its list; then the lists, each of them the slots that the tile sees.
@group(0) @binding(4) var<storage, read> key_lists: array<u32>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4<f32>>;

var<workgroup> query_tile: array<vec4<f32>, QUERY_TILE * HEAD_VECS>;
// One vec4 of padding per key keeps the threads of a row in different memory banks.
var<workgroup> staged_keys: array<Staged, 4u * LANES * (KEY_CHUNK_VECS + 1u)>;
var<workgroup> staged_values: array<Staged, VALUE_CHUNK_KEYS * HEAD_VECS>;
// One vec4 is four consecutive keys of a row, so no two threads write into the same vec4.
var<workgroup> weights: array<vec4<f32>, QUERY_TILE * LANES>;

// Finite, because implementations may assume that no infinity occurs.
const MASKED = vec4<f32>(-3.0e38);

fn largest(x: vec4<f32>) -> f32 {
  return max(max(x.x, x.y), max(x.z, x.w));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn attend(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = thread % LANES;
  let first_row = thread / LANES * 4u;
  let own_queries = first_row * HEAD_VECS;
  let own_weights = first_row * LANES;
  let key_tile = 4u * LANES;
  let key_stride = KEY_CHUNK_VECS + 1u;
  let head = workgroup.y;
  let first_query = workgroup.x * QUERY_TILE;
  let list = key_lists[2u * workgroup.x];
  let listed_keys = key_lists[2u * workgroup.x + 1u];
  // Splits are whole tiles, so that only the last one has a ragged end.
  let split_tiles = (listed_keys + key_tile * params.splits - 1u) / (key_tile * params.splits);
  let first_key = workgroup.z * split_tiles * key_tile;
  let visible_keys = min(listed_keys, first_key + split_tiles * key_tile);
  let cache_row = head * params.capacity;

  for (var i = thread; i < QUERY_TILE * HEAD_VECS; i += WORKGROUP_SIZE) {
    let row = min(first_query + i / HEAD_VECS, params.queries - 1u);
    query_tile[i] = query[(head * params.queries + row) * HEAD_VECS + i % HEAD_VECS];
  }

  // Register tiles are matrices whose columns are the thread's four rows.
  var totals = array<mat4x4<f32>, DIM_STEPS>();
  var weight_sums = vec4<f32>();
  var maxima = MASKED;

  for (var tile = first_key; tile < visible_keys; tile += key_tile) {
    var scores = mat4x4<f32>();
    for (var chunk = 0u; chunk < HEAD_VECS; chunk += KEY_CHUNK_VECS) {
      workgroupBarrier();
      for (var i = thread; i < key_tile * KEY_CHUNK_VECS; i += WORKGROUP_SIZE) {
        let key = i / KEY_CHUNK_VECS;
        let vec = i % KEY_CHUNK_VECS;
        let slot = key_lists[list + min(tile + key, visible_keys - 1u)];
        let index = (cache_row + slot) * HEAD_VECS + chunk + vec;
        staged_keys[key * key_stride + vec] = stage(key_cache[index / VECS_PER_STORED], index);
      }
      workgroupBarrier();
      for (var d = 0u; d < KEY_CHUNK_VECS; d++) {
        let q = own_queries + chunk + d;
        let k = lane * 4u * key_stride + d;
        let queries = mat4x4<f32>(query_tile[q], query_tile[q + HEAD_VECS], query_tile[q + 2u * HEAD_VECS], query_tile[q + 3u * HEAD_VECS]);
        let keys = mat4x4<f32>(vec4<f32>(staged_keys[k]), vec4<f32>(staged_keys[k + key_stride]), vec4<f32>(staged_keys[k + 2u * key_stride]), vec4<f32>(staged_keys[k + 3u * key_stride]));
        scores += transpose(keys) * queries;
      }
    }

    let is_visible = vec4<u32>(tile + lane * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(visible_keys);
    scores = mat4x4<f32>(select(MASKED, scores[0], is_visible), select(MASKED, scores[1], is_visible), select(MASKED, scores[2], is_visible), select(MASKED, scores[3], is_visible));
    let own_maxima = vec4<f32>(largest(scores[0]), largest(scores[1]), largest(scores[2]), largest(scores[3]));
    let highest = max(maxima, row_maxima(own_maxima, thread));
    let rescale = exp2(maxima - highest);
    maxima = highest;
    weight_sums *= rescale;
    for (var d = 0u; d < DIM_STEPS; d++) {
      let total = totals[d];
      totals[d] = mat4x4<f32>(total[0] * rescale.x, total[1] * rescale.y, total[2] * rescale.z, total[3] * rescale.w);
    }
    let row_weights = mat4x4<f32>(exp2(scores[0] - highest.x), exp2(scores[1] - highest.y), exp2(scores[2] - highest.z), exp2(scores[3] - highest.w));
    for (var r = 0u; r < 4u; r++) {
      weights[own_weights + r * LANES + lane] = row_weights[r];
    }
    weight_sums += vec4<f32>(1.0) * row_weights;

    for (var chunk = 0u; chunk < key_tile; chunk += VALUE_CHUNK_KEYS) {
      // The first chunk needs no barrier: nobody has read staged values since the last tile.
      if (chunk > 0u) {
        workgroupBarrier();
      }
      for (var i = thread; i < VALUE_CHUNK_KEYS * HEAD_VECS; i += WORKGROUP_SIZE) {
        let slot = key_lists[list + min(tile + chunk + i / HEAD_VECS, visible_keys - 1u)];
        let index = (cache_row + slot) * HEAD_VECS + i % HEAD_VECS;
        staged_values[i] = stage(value_cache[index / VECS_PER_STORED], index);
      }
      workgroupBarrier();
      for (var d = 0u; d < DIM_STEPS; d++) {
        var total = totals[d];
        for (var key = 0u; key < VALUE_CHUNK_KEYS; key += 4u) {
          let w = own_weights + (chunk + key) / 4u;
          let v = key * HEAD_VECS + lane + d * LANES;
          let shares = mat4x4<f32>(weights[w], weights[w + LANES], weights[w + 2u * LANES], weights[w + 3u * LANES]);
          let values = mat4x4<f32>(vec4<f32>(staged_values[v]), vec4<f32>(staged_values[v + HEAD_VECS]), vec4<f32>(staged_values[v + 2u * HEAD_VECS]), vec4<f32>(staged_values[v + 3u * HEAD_VECS]));
          total += values * shares;
        }
        totals[d] = total;
      }
    }
  }

  weight_sums = row_sums(weight_sums, thread);
  for (var r = 0u; r < 4u; r++) {
    let row = first_query + first_row + r;
    if (row < params.queries && params.splits > 1u) {
      let partial = ((workgroup.z * params.queries + row) * params.heads + head) * (HEAD_VECS + 1u);
      for (var d = 0u; d < DIM_STEPS; d++) {
        output[partial + lane + d * LANES] = totals[d][r];
      }
      if (lane == 0u) {
        output[partial + HEAD_VECS] = vec4<f32>(maxima[r], weight_sums[r], 0.0, 0.0);
      }
    } else if (row < params.queries) {
      // The highest key weighs one, so only a row without visible keys sums to less than one half: it becomes zero.
      let inverse = 1.0 / max(weight_sums[r], 0.5);
      for (var d = 0u; d < DIM_STEPS; d++) {
        output[(row * params.heads + head) * HEAD_VECS + lane + d * LANES] = totals[d][r] * inverse;
      }
    }
  }
}
