/**
 * One session on WebGPU from the first turn to its exports. The tests follow each other in one page, because
 * a software GPU needs minutes to get as far as the first turn.
 */
import { readFile } from 'node:fs/promises';

import { expect } from '@playwright/test';
import { unzipSync } from 'fflate';

import {
  exportFile,
  makeTurn,
  modelIsReady,
  onScreen,
  rowNames,
  shownPng,
  turnIsMade,
  turnRow,
  words,
} from './drive.ts';
import {
  changedPixels,
  everywhere,
  largestDifference,
  outside,
  psnrDb,
  readPng,
  regionOf,
  squaredError,
  type Picture,
  type Region,
} from './pixels.ts';
import { FIRST, test } from './test.ts';
import { sampleCount, videoPictures } from './video.ts';

test.describe.configure({ mode: 'serial' });

/** Squared error to the truth that may be left where an edit changes the picture; training judges by the same share. */
const MOST_LEFT = 0.25;
/** Kept of what an edit does not touch: losing the sailboat, the smallest thing of the scene, would cost more. */
const LEAST_KEPT_DB = 25;
const FRAMES_PER_SECOND = 25;

const TRUTHS = {
  start: '../public/starters/morning-at-the-bay.png',
  withoutCat: 'fixtures/1-without-cat.png',
  withBall: 'fixtures/2-with-ball.png',
  withoutSailboat: 'fixtures/3-without-sailboat.png',
  mountains: 'fixtures/2-mountains.png',
};

/** Frames in order, filled as the tests go. */
const frames: Buffer[] = [];
const [FIRST_TURN, SECOND, THIRD] = [
  FIRST.instruction,
  'add a ball in the bottom right',
  'remove the sailboat',
];
const CANCELLED = 'add a star in the top right';
const BRANCH = 'change the background to mountains';

function frame(index: number): Picture {
  const png = frames[index];
  if (png === undefined) throw new Error(`Frame ${index} was not made.`);
  return readPng(png);
}

/** What the world itself draws after an edit. */
async function truth(name: keyof typeof TRUTHS): Promise<Picture> {
  return readPng(await readFile(new URL(TRUTHS[name], import.meta.url)));
}

/** Share that the turn from `before` to `after` leaves of the squared error to the truth. */
function errorLeft(before: Picture, after: Picture, expected: Picture, region: Region): number {
  return squaredError(after, expected, region) / squaredError(before, expected, region);
}

test('runs on WebGPU where there is an adapter', async ({ session }) => {
  expect(session.modelState).toBe('nano, ready');
  await expect(session.page.getByRole('complementary', { name: 'Turn 1' })).toContainText(
    'Graphics card, WebGPU',
  );
});

test('removes what the words name and keeps the rest', async ({ session }) => {
  frames.push(session.start, session.firstFrame);
  const expected = await truth('withoutCat');
  const changed = changedPixels(await truth('start'), expected);
  expect(errorLeft(frame(0), frame(1), expected, changed)).toBeLessThan(MOST_LEFT);
  expect(psnrDb(frame(1), expected, outside(changed))).toBeGreaterThan(LEAST_KEPT_DB);
});

test('builds the next turn on the one before it', async ({ session: { page } }) => {
  await words(page).fill(SECOND);
  await words(page).press('Control+Enter');
  await expect(page.getByRole('progressbar', { name: 'Turn 2' })).toBeVisible();
  await turnIsMade(page, 2, SECOND);
  frames.push(await shownPng(page));
  const expected = await truth('withBall');
  const changed = changedPixels(await truth('withoutCat'), expected);
  expect(errorLeft(frame(1), frame(2), expected, changed)).toBeLessThan(MOST_LEFT);
  expect(psnrDb(frame(2), expected, outside(changed))).toBeGreaterThan(LEAST_KEPT_DB);
});

test('changes not one byte outside a region drawn with the mouse', async ({ session: { page } }) => {
  await page.getByRole('button', { name: 'Brush' }).click();
  await page.getByRole('slider', { name: 'Size' }).fill('64');
  const [from, to] = [await onScreen(page, 208, 116), await onScreen(page, 208, 144)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByText('In the region', { exact: true })).toBeVisible();
  await makeTurn(page, 3, THIRD);
  frames.push(await shownPng(page));

  const entries = unzipSync(await exportFile(page, 'Frames', 'Export the frames'));
  const region = regionOf(readPng(entries['masks/003_now.png'] ?? new Uint8Array()));
  const at = (x: number, y: number) => region[y * 256 + x];
  expect([at(208, 130), at(208, 90), at(150, 130), at(208, 200)]).toEqual([true, true, false, false]);
  expect(largestDifference(frame(2), frame(3), outside(region))).toBe(0);

  const expected = await truth('withoutSailboat');
  const changed = changedPixels(await truth('withBall'), expected);
  expect(errorLeft(frame(2), frame(3), expected, changed)).toBeLessThan(MOST_LEFT);

  const pictures = Object.keys(entries).filter((name) => /^\d{3}_/.test(name));
  expect(pictures).toEqual([
    '000_original.png',
    '001_remove-the-cat.png',
    '002_add-a-ball-in-the-bottom-right.png',
    '003_remove-the-sailboat.png',
  ]);
  expect(pictures.map((name) => readPng(entries[name] ?? new Uint8Array()))).toEqual(frames.map(readPng));
});

test('cancels a turn in the middle and keeps the words and all earlier turns', async ({
  session: { page },
}) => {
  await words(page).fill(CANCELLED);
  await words(page).press('Control+Enter');
  const progress = page.getByRole('progressbar', { name: 'Turn 4' });
  await expect(progress).toHaveAttribute('aria-valuetext', /^Step/, { timeout: 540_000 });
  await page.keyboard.press('Escape');
  const happened = page.getByRole('status', { name: 'What happens' });
  await expect(happened).toHaveText('Cancelled. Your words are kept.', { timeout: 540_000 });
  await expect(words(page)).toHaveValue(CANCELLED);
  await expect(turnRow(page, 4, CANCELLED)).toContainText('Cancelled');
  await expect(turnRow(page, 3, THIRD)).toHaveAttribute('aria-current', 'true');
  expect(await shownPng(page)).toEqual(frames[3]);
});

test('undoes and redoes the step to a made turn, with its words and region', async ({
  session: { page },
}) => {
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(turnRow(page, 2, SECOND)).toHaveAttribute('aria-current', 'true');
  await expect(words(page)).toHaveValue(THIRD);
  await expect(page.getByText('In the region', { exact: true })).toBeVisible();
  expect(await shownPng(page)).toEqual(frames[2]);
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(turnRow(page, 3, THIRD)).toHaveAttribute('aria-current', 'true');
  await expect(words(page)).toHaveValue(CANCELLED);
  expect(await shownPng(page)).toEqual(frames[3]);
});

test('exports a video that shows every picture for its time', async ({ session: { page } }) => {
  const video = await exportFile(page, 'MP4', 'Export MP4');
  const seconds = 2;
  const { width, height, duration, pictures } = await videoPictures(
    page,
    video,
    frames.map((_, i) => (i + 0.5) * seconds),
  );
  expect([width, height]).toEqual([256, 256]);
  expect(duration).toBeCloseTo(frames.length * seconds, 1);
  expect(sampleCount(video)).toBe(frames.length * seconds * FRAMES_PER_SECOND);
  for (const [i, picture] of pictures.entries()) {
    expect(psnrDb(readPng(picture), frame(i), everywhere(frame(i)))).toBeGreaterThan(30);
  }
});

test('finds the session again after a reload and branches off an earlier turn', async ({
  session: { page },
}) => {
  await expect(page.getByText('Stored on this device')).toBeVisible();
  const rows = await rowNames(page);
  expect(rows).toEqual([
    'Original',
    `Turn 1: ${FIRST_TURN}`,
    `Turn 2: ${SECOND}`,
    `Turn 3: ${THIRD}`,
    `Turn 4: ${CANCELLED}`,
  ]);
  await page.reload();
  await expect(turnRow(page, 3, THIRD)).toHaveAttribute('aria-current', 'true');
  expect(await rowNames(page)).toEqual(rows);
  await expect(words(page)).toHaveValue(CANCELLED);
  expect(await shownPng(page)).toEqual(frames[3]);

  // The processor takes over here: it is far quicker than a software GPU that starts anew.
  await page.goto('/?backend=wasm');
  expect(await modelIsReady(page)).toBe('nano, ready on the processor');
  await turnRow(page, 1, FIRST_TURN).click();
  expect(await shownPng(page)).toEqual(frames[1]);
  await makeTurn(page, 2, BRANCH);
  const branched = readPng(await shownPng(page));
  const all = everywhere(branched);
  expect(errorLeft(frame(1), branched, await truth('mountains'), all)).toBeLessThan(MOST_LEFT);
  expect(await rowNames(page)).toEqual([
    'Original',
    `Turn 1: ${FIRST_TURN}`,
    `Turn 2: ${SECOND}`,
    `Turn 2: ${BRANCH}`,
  ]);
  await turnRow(page, 2, SECOND).click();
  expect(await shownPng(page)).toEqual(frames[3]);
});
