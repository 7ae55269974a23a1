import { expect, test } from 'vitest';

import { PreviewBudget } from './sampler.ts';

test('shows the first preview, because only it tells what a preview costs', () => {
  const budget = new PreviewBudget(0);
  budget.addDenoising(100);
  expect(budget.isAffordable()).toBe(true);
});

test('shows no preview that is known to cost more than it may', () => {
  const budget = new PreviewBudget(100);
  budget.addDenoising(100);
  expect(budget.isAffordable()).toBe(false);
  budget.addDenoising(300);
  expect(budget.isAffordable()).toBe(true);
});

test('shows every preview when decoding is cheap', () => {
  const budget = new PreviewBudget(0);
  for (let step = 0; step < 20; step++) {
    budget.addDenoising(100);
    expect(budget.isAffordable()).toBe(true);
    budget.addPreview(20);
  }
});

test('never plans to spend more than a quarter of the denoising time when decoding is slow', () => {
  const budget = new PreviewBudget(0);
  let shown = 0;
  let isEverDearer = false;
  for (let step = 1; step <= 40; step++) {
    budget.addDenoising(100);
    if (!budget.isAffordable()) continue;
    shown++;
    budget.addPreview(100);
    // The first one, which measures, may be dearer.
    isEverDearer ||= shown > 1 && shown * 100 > (step * 100) / 4;
  }
  expect(isEverDearer).toBe(false);
  expect(shown).toBe(10);
});
