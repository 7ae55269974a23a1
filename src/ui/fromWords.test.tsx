import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { createRig, flatPicture, gate, type Rig } from '../session/testing/editor.ts';
import { openPage } from './testing/openPage.tsx';

const DESCRIPTION = 'a beach with a cat on the left';
const tile = (): HTMLElement => screen.getByRole('button', { name: 'What should the picture show?' });
const description = (): HTMLTextAreaElement =>
  screen.getByRole('textbox', { name: 'What should the picture show' });
const rows = (): (string | null)[] =>
  screen.getAllByRole('treeitem').map((row) => row.getAttribute('aria-label'));

async function blankPage(rig: Rig = createRig()) {
  await rig.actions.loadModel();
  const opened = await openPage(rig);
  await opened.user.click(tile());
  await act(() => rig.actions.settled());
  return opened;
}

async function make(rig: Rig, instruction: string): Promise<void> {
  await act(async () => {
    rig.actions.setInstruction(instruction);
    rig.actions.makeEdit();
    await rig.actions.settled();
  });
}

describe('beginning with words', () => {
  it('asks what the picture should show, on an empty sheet with nothing to draw on or compare', async () => {
    await blankPage();
    expect(document.activeElement).toBe(description());
    expect(rows()).toEqual(['Blank']);
    expect(screen.getByText(/Nothing is drawn yet/)).toBeTruthy();
    const tools = within(screen.getByRole('toolbar', { name: 'Tools' })).getAllByRole('button');
    expect(tools.map((tool) => [tool.hasAttribute('disabled'), tool.title])).toEqual([
      [true, 'Brush: There is no picture yet'],
      [true, 'Eraser: There is no picture yet'],
      [true, 'Lasso: There is no picture yet'],
      [true, 'Rectangle: There is no picture yet'],
      [true, 'Hand: There is no picture yet'],
      [true, 'Zoom: There is no picture yet'],
      [true, 'Compare: There is no picture yet'],
    ]);
    expect(screen.getByText(/Regions, zoom and compare follow/)).toBeTruthy();
    expect(screen.queryByRole('application', { name: 'Picture' })).toBeNull();
  });

  it('takes no keys of tools that need a picture', async () => {
    const { user, page } = await blankPage();
    const { tool } = page.view.getState();
    act(() => description().blur());
    await user.keyboard('ehmcx{Control>}{Shift>}i{/Shift}{/Control}');
    expect(page.view.getState()).toMatchObject({ tool, isPeeking: false });
  });

  it('makes the first picture from a description, and edits it from then on', async () => {
    const { user, rig } = await blankPage();
    await user.click(screen.getByRole('button', { name: DESCRIPTION }));
    expect(description().value).toBe(DESCRIPTION);
    expect(rig.engine.requests).toEqual([]);
    await user.click(screen.getByRole('button', { name: /^Make/ }));
    await act(() => rig.actions.settled());
    expect(rig.engine.requests).toMatchObject([{ history: [], instruction: DESCRIPTION }]);
    expect(rows()).toEqual(['Blank', `Turn 1: ${DESCRIPTION}`]);
    expect(screen.getByText('Made from words')).toBeTruthy();
    expect(screen.getAllByRole('heading', { level: 1 })[0]?.textContent).toBe(
      'A beach with a cat on the left',
    );
    expect(screen.getByRole('button', { name: 'Compare' })).toHaveProperty('disabled', true);
    expect(screen.getByRole('button', { name: 'Brush' })).toHaveProperty('disabled', false);

    await user.type(screen.getByRole('textbox', { name: 'What should change' }), 'add a cup');
    await user.click(screen.getByRole('button', { name: /^Make/ }));
    await act(() => rig.actions.settled());
    await user.click(screen.getByRole('button', { name: 'Compare' }));
    const side = (name: string) => screen.getByRole<HTMLSelectElement>('combobox', { name });
    expect([
      side('Left picture').selectedOptions[0]?.text,
      side('Right picture').selectedOptions[0]?.text,
    ]).toEqual([`1 ${DESCRIPTION}`, '2 add a cup']);
    await user.click(screen.getByRole('treeitem', { name: 'Blank' }));
    expect(screen.queryByRole('slider', { name: 'Before and after' })).toBeNull();
    expect(screen.getByText('another first picture')).toBeTruthy();
    await make(rig, 'a sky');
    expect(rows()).toEqual(['Blank', `Turn 1: ${DESCRIPTION}`, 'Turn 1: a sky']);
  });

  it('shows the picture on the empty sheet while it is made, and gives the words back when it is cancelled', async () => {
    const { user, rig } = await blankPage();
    const { passed, open } = gate();
    rig.engine.beforeStep = (stage, done) => (stage === 'denoise' && done === 2 ? passed : undefined);
    await act(async () => {
      rig.actions.setInstruction('a beach');
      rig.actions.makeEdit();
    });
    expect(await screen.findByRole('img', { name: 'Preview of the first picture' })).toBeTruthy();
    expect(screen.getByRole('progressbar', { name: 'Turn 1' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Cancel/ }));
    open();
    await act(() => rig.actions.settled());
    expect(description().value).toBe('a beach');
    expect(screen.getByText(/Nothing is drawn yet/)).toBeTruthy();
  });

  it('lets the size of the first picture be chosen among those of the model, until it is made', async () => {
    const rig = createRig();
    await rig.actions.loadModel();
    const manifest = await rig.engine.load(() => undefined).then((info) => info.manifest);
    const offer = { ...manifest, frames: [{ width: 12, height: 8 }] };
    const { user } = await openPage(rig, { offer });
    await user.click(tile());
    await act(() => rig.actions.settled());
    const choice = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Size of the first picture' });
    const shown = [...choice.options].map(({ text }) => text.replaceAll('\u00a0', ' '));
    expect([shown, choice.selectedIndex]).toEqual([['8 × 8', '12 × 8'], 0]);
    await user.selectOptions(choice, choice.options[1] ?? choice);
    expect([choice.selectedIndex, rig.document().root]).toEqual([
      1,
      { kind: 'words', size: { width: 12, height: 8 } },
    ]);
    expect(screen.getByText(/Nothing is drawn yet/).parentElement?.style.aspectRatio).toBe('12 / 8');
    await make(rig, 'a beach');
    expect(rig.engine.requests).toMatchObject([{ size: { width: 12, height: 8 } }]);
    await user.click(screen.getByRole('treeitem', { name: 'Blank' }));
    expect(screen.queryByRole('combobox', { name: 'Size of the first picture' })).toBeNull();
  });

  it('comes back after a reload and after a session file, and is undone like any turn', async () => {
    const { user, rig } = await blankPage();
    await make(rig, 'a beach');
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(description().value).toBe('a beach');
    await user.click(screen.getByRole('button', { name: 'Redo' }));
    const again = rig.reload();
    await again.actions.start();
    expect(again.document()).toEqual(rig.document());
    const file = rig.actions.exportFile();
    await act(async () => expect(await rig.actions.importFile(file?.bytes ?? new Uint8Array())).toBe(true));
    expect(rows()).toEqual(['Blank', 'Turn 1: a beach']);
  });

  it('goes on with a description begun earlier, and with the picture that is opened instead', async () => {
    const { user, rig } = await blankPage();
    await user.type(description(), 'a sky');
    const blank = rig.document().id;
    await user.click(screen.getByRole('button', { name: 'Palimpsest, first page' }));
    await user.click(tile());
    expect([rig.document().id, description().value]).toEqual([blank, 'a sky']);
    await act(async () => {
      await rig.actions.openPicture(flatPicture(9), 'bay');
    });
    expect(rig.document().id).toBe(blank);
    expect(rows()).toEqual(['Original']);
  });
});

describe('a model that was not trained for it', () => {
  it('offers no beginning with words, and asks a blank session for a picture', async () => {
    const rig = createRig();
    rig.engine.capabilities = ['next-image', 'drawn-region'];
    await rig.actions.loadModel();
    const { user } = await openPage(rig);
    expect(screen.queryByText('What should the picture show?')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'More' }));
    expect(screen.queryByRole('button', { name: 'Start from words' })).toBeNull();
    await act(async () => {
      await rig.actions.newSession();
      rig.actions.setInstruction('a beach');
    });
    expect(screen.getByText(/This model needs a picture to begin with/)).toBeTruthy();
    expect(screen.getByRole('button', { name: /^Make picture/ })).toHaveProperty('disabled', true);
  });

  it('offers no regions, by tool, option or key', async () => {
    const rig = createRig();
    rig.engine.capabilities = ['next-image', 'text-to-image'];
    await rig.actions.loadModel();
    await rig.actions.openPicture(flatPicture(90), 'bay');
    const { user, page } = await openPage(rig);
    const tools = within(screen.getByRole('toolbar', { name: 'Tools' })).getAllByRole('button');
    expect(tools.map((tool) => tool.getAttribute('aria-label'))).toEqual(['Hand', 'Zoom', 'Compare']);
    expect(screen.queryByText('or draw a region on it')).toBeNull();
    await user.keyboard('bemx{Control>}{Shift>}i{/Shift}{/Control}');
    expect(page.view.getState().tool).toBe('hand');
    expect(rig.document().composer.regions.drawn).toBeNull();
  });
});
