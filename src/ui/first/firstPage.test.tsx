import { act, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';

import { createRig, flatPicture, makeTurn, readyRig } from '../../session/testing/editor.ts';
import { must } from '../../session/testing/must.ts';
import { everyCapability } from '../../session/testing/paint.ts';
import type { Example } from '../page.ts';
import { openPage } from '../testing/openPage.tsx';

const example: Example = {
  url: 'starters/evening.palimpsest',
  thumbnailUrl: 'starters/evening.png',
  title: 'An evening',
  about: 'The sun sets.',
  turns: 2,
  bytes: 340_000,
  edges: ['#112233', '#445566'],
};

const words = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'What should change' });
const card = (): HTMLElement => screen.getByRole('button', { name: /^An evening/ });
const rows = (): (string | null)[] =>
  screen.getAllByRole('treeitem').map((row) => row.getAttribute('aria-label'));

/** A page that offers one session of two turns, the second a scene where that is asked for, and what it asked for. */
async function pageWithExample(isStory = false) {
  // Ids of its own, as those of another person are.
  const maker = createRig(undefined, 'maker');
  maker.engine.capabilities = everyCapability;
  await maker.actions.loadModel();
  await maker.actions.openPicture(flatPicture(90), 'bay');
  await makeTurn(maker, 'make it night');
  if (isStory) maker.actions.setTask({ kind: 'scene' });
  await makeTurn(maker, 'add a cup');
  const { bytes } = must(maker.actions.exportFile());
  const asked: string[] = [];
  const opened = await openPage(createRig(), {
    examples: [example],
    fetchStarter: async (url) => {
      asked.push(url);
      return new Blob([bytes]);
    },
  });
  return { ...opened, asked, made: maker.document() };
}

it('opens a copy of a finished example that can be walked without a model, and fetches it only then', async () => {
  const { user, rig, asked, made } = await pageWithExample();
  expect(card().textContent).toBe('An eveningThe sun sets.2\u00a0turns, 340\u00a0kB');
  expect(asked).toEqual([]);
  await user.click(card());
  await act(() => rig.actions.settled());
  expect(asked).toEqual([example.url]);
  expect(rig.state.getState().model.status).toBe('idle');
  expect(rows()).toEqual(['Original', 'Turn 1: make it night', 'Turn 2: add a cup']);
  expect({ ...rig.document(), id: made.id }).toEqual(made);

  act(() => screen.getByRole('treeitem', { name: 'Turn 2: add a cup' }).focus());
  await user.keyboard('{ArrowUp}{Enter}');
  expect(rig.document().current).toBe(made.turns[0]?.id);
  expect(screen.getByRole('application', { name: 'Picture' }).querySelector('img')?.src).toContain('base64');
});

it('goes on with an example in a branch of its own once the model is there, and leaves the next copy whole', async () => {
  const { user, rig, page, made } = await pageWithExample();
  await user.click(card());
  await act(() => rig.actions.settled());
  act(() => rig.actions.goTo(must(made.turns[0]).id));
  await user.type(words(), 'make it day');
  await act(() => rig.actions.loadModel());
  await user.keyboard('{Control>}{Enter}{/Control}');
  await act(() => rig.actions.settled());
  expect(rig.document().turns.map(({ instruction, state }) => [instruction, state.status])).toEqual([
    ['make it night', 'done'],
    ['add a cup', 'done'],
    ['make it day', 'done'],
  ]);

  act(() => page.view.setState({ isHome: true }));
  await user.click(card());
  await act(() => rig.actions.settled());
  expect(rows()).toEqual(['Original', 'Turn 1: make it night', 'Turn 2: add a cup']);
  expect(rig.state.getState().sessions.map(({ turnCount }) => turnCount)).toEqual([2, 3]);
});

it('shows a story as a film', async () => {
  const story = await pageWithExample(true);
  await story.user.click(card());
  await act(() => story.rig.actions.settled());
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Story' }).checked).toBe(true);
  expect(screen.getByRole('slider', { name: 'Place in the film' })).toBeTruthy();
});

it('stays where it is when an example cannot be fetched or read, and says so', async () => {
  const broken = [
    () => Promise.reject(new Error('The scene could not be fetched.')),
    async () => new Blob(['not a session']),
  ];
  const { user, rig } = await openPage(createRig(), {
    examples: [example],
    fetchStarter: () => must(broken.shift())(),
  });
  await user.click(card());
  expect((await screen.findByRole('alert')).textContent).toContain('could not be fetched');
  await user.click(card());
  await act(() => rig.actions.settled());
  expect(screen.getByRole('alert').textContent).toContain('not a session file');
  expect(rig.state.getState().session.status).toBe('none');
});

it('offers no examples where there are none', async () => {
  await openPage();
  expect(screen.queryByText('Open a finished example')).toBeNull();
  expect(screen.getByText('What runs where')).toBeTruthy();
});

it('says in plain words what the model knows, down to every word', async () => {
  const rig = createRig();
  const { manifest } = await rig.engine.load(() => undefined);
  const known = { objects: ['cup', 'cat'], lights: ['day', 'night'], styles: ['sepia'] };
  await openPage(rig, { offer: { ...manifest, world: { ...manifest.world, ...known } } });
  const plain = screen.getByRole('region', { name: 'In plain words' });
  expect(plain.textContent).toContain('2\u00a0things');
  expect(plain.textContent).toContain('1\u00a0style and 2\u00a0lights. It does not know photographs.');
  for (const list of ['cup, cat', 'day, night', 'sepia']) expect(within(plain).getByText(list)).toBeTruthy();
});

it('lets the person choose among models by what they know and how often they are right', async () => {
  const rig = createRig();
  const { manifest } = await rig.engine.load(() => undefined);
  const chosen: string[] = [];
  const wide = {
    ...manifest,
    id: 'wide',
    title: 'Wide',
    world: { ...manifest.world, objects: ['cup', 'cat', 'dog'] },
    quality: { single_turn_success: 0.826 },
  };
  const { user } = await openPage(rig, {
    readModels: async () => [manifest, wide],
    chooseModel: (id) => void chosen.push(id),
  });
  const items = within(await screen.findByRole('region', { name: 'Models' })).getAllByRole('listitem');
  expect(items.map((item) => item.getAttribute('aria-current'))).toEqual(['true', 'false']);
  expect(items[1]?.textContent).toContain('3\u00a0things');
  expect(items[1]?.textContent).toContain('83\u00a0% of first edits right');
  await user.click(screen.getByRole('button', { name: 'Use Wide' }));
  expect(chosen).toEqual(['wide']);
});

it('offers no choice where there is one model', async () => {
  const { page } = await openPage();
  await act(() => page.readModels());
  expect(screen.queryByRole('region', { name: 'Models' })).toBeNull();
});

it('fills the box with a prompt of a picture that was just opened, and runs nothing', async () => {
  const { user, rig } = await openPage(await readyRig());
  const prompt = 'add a red cup';
  await user.click(screen.getByRole('button', { name: prompt }));
  expect(words().value).toBe(prompt);
  expect(document.activeElement).toBe(words());
  expect(rig.document().turns).toEqual([]);
  expect(screen.queryByRole('button', { name: prompt })).toBeNull();
});
