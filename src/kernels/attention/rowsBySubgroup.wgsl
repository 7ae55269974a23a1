// Maxima and sums over the LANES threads of a query row in `attention`, by shuffles: no workgroup memory and no barrier.
// WGSL does not promise that neighbours by index are neighbours in a subgroup; where they are not, the self-test fails.

fn row_maxima(own: vec4<f32>, thread: u32) -> vec4<f32> {
  var highest = own;
  for (var distance = 1u; distance < LANES; distance *= 2u) {
    highest = max(highest, subgroupShuffleXor(highest, distance));
  }
  return highest;
}

fn row_sums(own: vec4<f32>, thread: u32) -> vec4<f32> {
  var sums = own;
  for (var distance = 1u; distance < LANES; distance *= 2u) {
    sums += subgroupShuffleXor(sums, distance);
  }
  return sums;
}
