// How `attention` reads a cache of 32-bit floats, or of 16-bit ones where the device has no such type: both are staged as 32 bits.

alias Stored = vec4<u32>;
alias Staged = vec4<f32>;

// The cache holds pairs of 16-bit floats instead of 32-bit ones.
override IS_HALF: bool;
override VECS_PER_STORED = select(1u, 2u, IS_HALF);

// Vec4 `index` of a cache, of which `words` holds one or, in half precision, two.
fn stage(words: Stored, index: u32) -> Staged {
  if (IS_HALF) {
    let halves = select(words.xy, words.zw, index % 2u == 1u);
    return vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y));
  }
  return bitcast<vec4<f32>>(words);
}
