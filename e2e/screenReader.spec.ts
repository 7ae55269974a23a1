/** What a screen reader is given in each state of the page: every name and role, in order, as one whole value. */
import { expect, test, type Page } from '@playwright/test';

import { modelIsReady, words } from './drive.ts';

test.use({ serviceWorkers: 'block', viewport: { width: 1440, height: 900 } });

/** What other models can do besides adds to the page. */
const CAPABILITIES = ['next-image', 'drawn-region'];
/** Prompts of the scene, which belong to the model. */
const EXAMPLES = / {4}- group "Examples;.*\n(?: {6}- button .*\n)+/;
const SCENE = 'First snow';
const WORDS = 'remove the penguin';
const TOO_MANY = Array.from({ length: 40 }, () => 'cat').join(' ');

/** A label that stands in the text beside the control it names is read once. */
function isLabel(line: string, before = '', after = ''): boolean {
  const [, text] = /^\s*- text: "?(.+?)"?$/.exec(line) ?? [];
  return text !== undefined && [before, after].some((near) => near.includes(` "${text}"`));
}

/** Lines of the tree; of what depends on the model, the device or the moment only that it is there. */
async function treeOf(page: Page): Promise<string> {
  const stage =
    /Starting|Waiting for the model|Reading the (?:words|history)|Step [^"]*|Finishing the picture/g;
  const lines = (await page.locator('body').ariaSnapshot()).replaceAll('\u00a0', ' ').split('\n');
  return lines
    .filter((line, at) => !isLabel(line, lines[at - 1], lines[at + 1]))
    .filter((line) => !/img "Preview|status "What happens"|^\s*- separator/.test(line))
    .map((line) =>
      /^\s*- '?(?:text|figure|definition|paragraph|button "[\d])/.test(line)
        ? line.replaceAll(/(?<![Tt]urn |\d)\d+(?:[.,]\d+)*/g, '#').replaceAll(stage, 'STAGE')
        : line,
    )
    .join('\n');
}

/** The part of `tree` that begins so, without the depth it stands at. */
function part(tree: string, start: string): string {
  const lines = tree.split('\n');
  const depth = (line: string): number => line.search(/\S/);
  const from = lines.findIndex((line) => line.trimStart().startsWith(`- ${start}`));
  if (from < 0) throw new Error(`Nothing in the tree begins with ${start}:\n${tree}`);
  const own = depth(lines[from] ?? '');
  const length = lines.slice(from + 1).findIndex((line) => depth(line) <= own);
  const inside = lines.slice(from, length < 0 ? undefined : from + 1 + length);
  return inside.map((line) => line.slice(own)).join('\n');
}

/** The parts of the page by which one walks it, outermost only. */
function landmarks(tree: string): readonly string[] {
  return tree.split('\n').flatMap((line) => /^- (.+?):?$/.exec(line)?.[1] ?? []);
}

test.beforeEach(async ({ page }) => {
  await page.route('**/models/*/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = (await response.json()) as object;
    await route.fulfill({ response, json: { ...manifest, id: 'model', capabilities: CAPABILITIES } });
  });
});

/** With nothing written. */
const recipe = (make: string): string => `    - radiogroup "How many ways":
      - radio "1" [checked]
      - radio "2"
      - radio "4"
      - radio "9"
    - button "Keep the seed"
    - textbox "Seed":
      - /placeholder: new seed
    - button "${make}" [disabled]`;

function banner(model: string, undo: string): string {
  return `- banner:
  - button "Palimpsest, first page": Palimpsest
  - radiogroup "View":
    - radio "Edit" [checked]
    - radio "Story"
  - text: Stored on this device
  - button "${model} on the processor"
  - button "Undo"${undo}
  - button "Redo" [disabled]
  - button "Export"
  - button "Keys and help"
  - button "More"`;
}

const ORIGINAL = `      - paragraph: Original
      - paragraph: First snow, # × #`;

const OPEN_SCRIPT = `- complementary "Script":
  - heading "First snow" [level=1]
  - text: # turns
  - button "Search turns"
  - button "Rename the session"
  - tree "Turns":
    - treeitem "Original" [level=1] [selected]:
${ORIGINAL}
  - form "Turn 1":
    - text: Whole picture or draw a region on it
    - textbox "What should change":
      - /placeholder: What should change?
    - button "The model sees 1 of 1"
    - text: # tokens, # MB
    - button "Preset"
${recipe('Make edit Ctrl ↵')}`;

const OPEN_BENCH = `- region "Tools and their options":
  - toolbar "Tools":
    - button "Brush" [pressed]
    - button "Eraser"
    - button "Lasso"
    - button "Rectangle"
    - button "Hand"
    - button "Zoom"
    - button "Compare" [disabled]
  - toolbar "Brush options":
    - slider "Size": "24"
    - slider "Soft": "0"
    - button "Refine"
    - button "Invert"
    - button "Clear" [disabled]
    - button "Overlay"
    - group "Zoom":
      - button "Zoom out"
      - button "# %, show at # %": # %
      - button "Zoom in"
      - button "Fit" [disabled]`;

const OPEN_PICTURE = `- main "Picture":
  - figure "First snow # × # Like the pictures the model knows, # dB":
    - application "Picture":
      - img "Original"
      - paragraph: # × # pixels, no region.
    - text: First snow # × # Like the pictures the model knows, # dB`;

const RUNNING_SCRIPT = `- complementary "Script":
  - heading "First snow" [level=1]
  - text: # turn
  - button "Search turns"
  - button "Rename the session"
  - tree "Turns":
    - treeitem "Original" [level=1]:
${ORIGINAL}
    - 'treeitem "Turn 1: remove the penguin" [level=1] [selected]':
      - paragraph: remove the penguin
      - paragraph:
        - text: STAGE
        - button "Turn 1, more"
  - form "Turn 2":
    - text: Whole picture waits for turn 1
    - textbox "What should change":
      - /placeholder: And then? Write the next turn while this one is made.
    - button "The model sees 4 of 4"
    - text: # tokens, # MB
    - button "Preset"
${recipe('Add to queue')}`;

const RUNNING_PICTURE = `- main "Picture":
  - figure "STAGE STAGE Cancel Esc":
    - application "Picture":
      - img "remove the penguin"
      - paragraph: # × # pixels, the region covers # %, in the centre.
    - progressbar "Turn 1"
    - text: STAGE
    - button "Cancel Esc"`;

const RUNNING_SIDE = `- complementary "Making now":
  - heading "Now" [level=2]
  - text: turn 1
  - list:
    - listitem: Reading the words
    - listitem: Reading the history
    - listitem: Painting
    - listitem: Finishing the picture
  - checkbox "Tell me when it is done"
  - paragraph: Runs on this device. Keep the tab open; the title shows progress.`;

const MADE_ROW = `    - 'treeitem "Turn 1: remove the penguin" [level=1] [selected]':
      - paragraph: remove the penguin
      - paragraph:
        - text: in the region, # s, drift # %
        - button "Turn 1, more"`;

const MADE_TREE = `- tree "Turns":
  - treeitem "Original" [level=1]:
${ORIGINAL.replaceAll(/^ {2}/gm, '')}
${MADE_ROW.replaceAll(/^ {2}/gm, '')}`;

const MADE_PICTURE = `- main "Picture":
  - figure "Turn 1 # × # # px changed outside the region drift # % Show the region of the turn Before":
    - application "Picture":
      - img "remove the penguin"
      - paragraph: # × # pixels, no region.
    - 'slider "Look under: earlier pictures"'
    - text: Turn 1 # × # # px changed outside the region drift # %
    - button "Show the region of the turn": Region
    - button "Before"`;

const MADE_SIDE = `- complementary "Turn 1":
  - heading "Turn 1" [level=2]
  - term: Seed
  - definition: "#"
  - term: Steps
  - definition: "#"
  - term: Made in
  - definition: # s
  - term: History
  - definition: # tokens known, # read
  - term: Ran on
  - definition: Processor, WASM
  - term: Model
  - definition: model
  - paragraph: This model does not find regions from words. Draw where it should change.
  - paragraph: Make # ways to compare them here.`;

const FAILED_TREE = `${MADE_TREE}
  - 'treeitem "Turn 2: ${TOO_MANY}" [level=1]':
    - paragraph: ${TOO_MANY}
    - paragraph: "Not made: The model cannot take this turn. The instruction has # words and marks; this model reads #. Shorten it."`;

const NOTICE = `- alert:
  - heading "The model cannot take this turn" [level=2]
  - paragraph: The instruction has # words and marks; this model reads #. Shorten it.
  - paragraph: Turn 2 was not made; your words and all earlier turns are kept.
  - group: Details
  - button "Close"`;

const SESSION = [
  'link "Go to the line being written"',
  'banner',
  'complementary "Script"',
  'region "Tools and their options"',
  'main "Picture"',
];

test('says the names and roles of the page in every state', async ({ page }) => {
  await page.goto('/?backend=wasm');
  const load = page.getByRole('button', { name: /^Load the model/ });
  await expect(load).toBeVisible();
  const first = await treeOf(page);
  expect(landmarks(first)).toEqual([
    'link "Go to what one can begin with"',
    'banner',
    'complementary "Start"',
    'main "Begin"',
  ]);
  expect(first.match(/heading .*\[level=1\]/g)).toEqual([
    'heading "Edit a picture one sentence at a time" [level=1]',
  ]);
  await load.click();
  await modelIsReady(page);

  await page.getByRole('button', { name: SCENE }).click();
  await expect(page.getByText('Like the pictures the model knows')).toBeVisible();
  const open = (await treeOf(page)).replace(EXAMPLES, '');
  expect(landmarks(open)).toEqual([...SESSION, 'complementary "Start picture"']);
  expect(part(open, 'banner')).toBe(banner('model, ready', ' [disabled]'));
  expect(part(open, 'complementary "Script"')).toBe(OPEN_SCRIPT);
  expect(part(open, 'region "Tools')).toBe(OPEN_BENCH);
  expect(part(open, 'main')).toBe(OPEN_PICTURE);

  await page.getByRole('button', { name: 'Rectangle', exact: true }).click();
  await page.getByRole('application', { name: 'Picture' }).press('Enter');
  await words(page).fill(WORDS);
  await words(page).press('Control+Enter');
  await expect(page.getByRole('progressbar', { name: 'Turn 1' })).toBeVisible();
  const running = await treeOf(page);
  expect(landmarks(running)).toEqual([...SESSION, 'complementary "Making now"']);
  expect(part(running, 'banner')).toBe(banner('model, working', ''));
  expect(part(running, 'complementary "Script"')).toBe(RUNNING_SCRIPT);
  expect(part(running, 'main')).toBe(RUNNING_PICTURE);
  expect(part(running, 'complementary "Making now"')).toBe(RUNNING_SIDE);

  await modelIsReady(page);
  const done = await treeOf(page);
  expect(landmarks(done)).toEqual([...SESSION, 'complementary "Turn 1"']);
  expect(part(done, 'tree')).toBe(MADE_TREE);
  expect(part(done, 'main')).toBe(MADE_PICTURE);
  expect(part(done, 'complementary "Turn 1"')).toBe(MADE_SIDE);
  await expect(page.getByRole('status', { name: 'What happens' })).toHaveText(`Made: ${WORDS}.`);

  await words(page).fill(TOO_MANY);
  await words(page).press('Control+Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  const failed = await treeOf(page);
  expect(landmarks(failed)).toEqual([...SESSION, 'complementary "Turn 1"', 'alert']);
  expect(part(failed, 'tree')).toBe(FAILED_TREE);
  expect(part(failed, 'alert')).toBe(NOTICE);
  await expect(page.getByRole('status', { name: 'What happens' })).toHaveText(
    /^Not made: cat .*Shorten it\.$/,
  );
});
