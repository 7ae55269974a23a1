// How `attention` reads a cache of 16-bit floats on a device that has the type: they are staged as they are, in half the memory.

alias Stored = vec4<f16>;
alias Staged = vec4<f16>;

const VECS_PER_STORED = 1u;

// Vec4 `index` of a cache, which is all of `halves`.
fn stage(halves: Stored, index: u32) -> Staged {
  return halves;
}
