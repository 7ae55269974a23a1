// Maxima and sums over the LANES threads of a query row in `attention`, through workgroup memory.

// What a thread shares of its four rows.
var<workgroup> shared_rows: array<vec4<f32>, WORKGROUP_SIZE>;

fn row_maxima(own: vec4<f32>, thread: u32) -> vec4<f32> {
  shared_rows[thread] = own;
  workgroupBarrier();
  var highest = own;
  for (var other = 0u; other < LANES; other++) {
    highest = max(highest, shared_rows[thread / LANES * LANES + other]);
  }
  return highest;
}

// Every tile ends with barriers behind its last look at the shared maxima, so they may be overwritten.
fn row_sums(own: vec4<f32>, thread: u32) -> vec4<f32> {
  shared_rows[thread] = own;
  workgroupBarrier();
  var sums = vec4<f32>();
  for (var other = 0u; other < LANES; other++) {
    sums += shared_rows[thread / LANES * LANES + other];
  }
  return sums;
}
