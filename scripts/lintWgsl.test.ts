import { expect, test } from 'vitest';

import { lintWgsl } from './lintWgsl.ts';

const lines = (source: string) => lintWgsl(source).map(({ line }) => line);

test('reports a variable without an initialiser at any depth of a function', () => {
  const shader = `
@compute @workgroup_size(1)
fn main() {
  var sum: f32;
  for (var i = 0u; i < 4u; i++) {
    var pair : vec2<f32>;
    var<function> row: array<f32, 4>;
    sum += f32(i);
  }
}`;
  expect(lines(shader)).toEqual([4, 6, 7]);
});

test('accepts initialised variables, loops, lets and module-scope storage', () => {
  const shader = `
@group(0) @binding(0) var<storage, read> source: array<f32>;
var<workgroup> tile: array<f32, 64>;
struct Sizes { variable: u32, }
fn main() {
  var sum = 0.0;
  var row: array<f32, 4> = array<f32, 4>();
  for (var i: u32 = 0u; i < 4u; i++) { let x = source[i]; sum = sum + x; }
}`;
  expect(lines(shader)).toEqual([]);
});

test('reports trigonometry in statements and in initialisers, but not in names or comments', () => {
  const shader = `
// cos(x) would be wrong here
fn turn(cos_table: f32) -> f32 {
  /* sin(x)
     var y: f32; */
  var angle = sin (cos_table);
  return angle * cos(angle);
}
fn using(x: f32) -> f32 { return cosine(x); }`;
  expect(lines(shader)).toEqual([6, 7]);
});
