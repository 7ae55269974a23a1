import { screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';

import { createRig, gate, readyRig } from '../../session/testing/editor.ts';
import { openPage } from '../testing/openPage.tsx';

it('measures the device by keys alone, shows the result and copies it, and can be cancelled', async () => {
  const rig = await readyRig();
  const held = gate();
  const report = { model: 'paint', turns: [1, 2] };
  const runs: AbortSignal[] = [];
  const { user, page } = await openPage(rig, {
    async benchmark(signal, onProgress) {
      runs.push(signal);
      onProgress(2, 6);
      await Promise.race([
        held.passed,
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
      ]);
      return report;
    },
  });
  page.view.setState({ dialog: 'about' });
  const start = await screen.findByRole('button', { name: 'Benchmark this device' });
  start.focus();
  await user.keyboard('{Enter}');
  expect(screen.getByRole<HTMLProgressElement>('progressbar', { name: 'Speed of this device' }).value).toBe(
    2,
  );
  screen.getByRole('button', { name: /^Cancel/ }).focus();
  await user.keyboard('{Enter}');
  const again = await screen.findByRole('button', { name: 'Benchmark this device' });
  expect(runs[0]?.aborted).toBe(true);
  held.open();
  await user.click(again);
  const result = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Result of the benchmark' });
  expect(JSON.parse(result.value)).toEqual(report);
  screen.getByRole('button', { name: 'Copy the result' }).focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByText('The result is copied.')).toBeTruthy();
  expect(JSON.parse(await navigator.clipboard.readText())).toEqual(report);
});

it('waits for a model that is loaded and has nothing to make, and says so', async () => {
  const rig = createRig();
  const benchmark = vi.fn();
  const { page } = await openPage(rig, { benchmark });
  page.view.setState({ dialog: 'about' });
  const start = await screen.findByRole<HTMLButtonElement>('button', { name: 'Benchmark this device' });
  expect(start.disabled).toBe(true);
  expect(screen.getByText(/This needs the model/)).toBeTruthy();
  expect(benchmark).not.toHaveBeenCalled();
});
