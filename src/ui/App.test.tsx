import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { flatPicture, gate, readyRig, type Rig } from '../session/testing/editor.ts';
import { whileDiskIsFull } from '../session/testing/storage.ts';
import { leaveOptions } from './keep.ts';
import { openPage } from './testing/openPage.tsx';

const words = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'What should change' });
const turns = (): string[] =>
  screen.getAllByRole('treeitem').map((row) => row.getAttribute('aria-label') ?? '');
const here = (): string | null | undefined =>
  screen
    .getAllByRole('treeitem')
    .find((row) => row.getAttribute('aria-current') === 'true')
    ?.getAttribute('aria-label');

async function make(rig: Rig, ...instructions: readonly string[]): Promise<void> {
  await act(async () => {
    for (const instruction of instructions) {
      rig.actions.setInstruction(instruction);
      rig.actions.makeEdit();
      await rig.actions.settled();
    }
  });
}

describe('the first page', () => {
  it('says what the device can do, what the model weighs, and loads it when asked', async () => {
    const { user } = await openPage();
    expect(screen.getByText('Test adapter')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Load the model/ }));
    expect(await screen.findByRole('button', { name: /^paint, ready\s*on the processor/ })).toBeTruthy();
  });

  it('says why there is no WebGPU and what happens instead', async () => {
    await openPage(undefined, { device: { adapter: null, reason: 'not-offered', freeBytes: null } });
    expect(screen.getByText('not in this browser')).toBeTruthy();
    expect(screen.getByText('works with WASM, slower')).toBeTruthy();
  });

  it('tells why the model could not be read', async () => {
    await openPage(undefined, { offer: 'No file answered.' });
    expect(screen.getByText('The model could not be read. No file answered.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Load the model/ })).toBeNull();
  });

  it('offers the load again, with the reason, when it failed', async () => {
    const { rig, user } = await openPage();
    rig.engine.failNext('load', 'download-failed');
    await user.click(screen.getByRole('button', { name: /^Load the model/ }));
    expect((await screen.findAllByRole('alert')).length).toBeGreaterThan(0);
    await act(async () => rig.actions.dismissNotice());
    const again = screen.getAllByRole('button').find((button) => button.classList.contains('is-large'));
    await user.click(again as HTMLElement);
    expect(await screen.findByRole('button', { name: /^paint, ready\s*on the processor/ })).toBeTruthy();
  });
});

describe('writing a turn', () => {
  it('makes an edit with Ctrl+Enter and goes to it', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.type(words(), 'add a red cup{Control>}{Enter}{/Control}');
    await act(() => rig.actions.settled());
    expect(here()).toBe('Turn 1: add a red cup');
    expect(words().value).toBe('');
    expect(screen.getByRole('status', { name: 'What happens' }).textContent).toBe('Made: add a red cup.');
  });

  it('fills the box from an example and runs nothing', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.click(screen.getByRole('button', { name: 'add a red cup' }));
    expect(words().value).toBe('add a red cup');
    expect(document.activeElement).toBe(words());
    expect(rig.engine.requests).toEqual([]);
  });

  it('cannot make an edit of nothing', async () => {
    await openPage(await readyRig());
    expect(screen.getByRole('button', { name: /^Make edit/ })).toHaveProperty('disabled', true);
  });

  it('names the words that the model does not know', async () => {
    const { user } = await openPage(await readyRig());
    await user.type(words(), 'add a unicorn');
    expect(await screen.findByText(/does not know “unicorn”/)).toBeTruthy();
  });

  it('takes Enter from an input method as part of the word', async () => {
    const { rig } = await openPage(await readyRig());
    await act(async () => rig.actions.setInstruction('add a cup'));
    fireEvent.keyDown(words(), { key: 'Enter', ctrlKey: true, isComposing: true });
    fireEvent.keyDown(words(), { key: 'Enter', ctrlKey: true, keyCode: 229 });
    expect(rig.engine.requests).toEqual([]);
  });

  it('brings back earlier words with Alt+Up and the unfinished ones with Alt+Down', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup', 'make it night');
    await user.type(words(), 'move');
    await user.keyboard('{Alt>}{ArrowUp}{ArrowUp}{/Alt}');
    expect(words().value).toBe('add a cup');
    await user.keyboard('{Alt>}{ArrowDown}{ArrowDown}{/Alt}');
    expect(words().value).toBe('move');
  });

  it('keeps a seed that is typed, and takes a new one each time when it is let go', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.type(screen.getByRole('textbox', { name: 'Seed' }), '77{Enter}');
    await make(rig, 'add a cup');
    expect(rig.engine.requests.at(-1)?.seed).toBe(77);
    await user.click(screen.getByRole('button', { name: 'Keep the seed', pressed: true }));
    expect(screen.getByRole('button', { name: 'Keep the seed', pressed: false })).toBeTruthy();
  });

  it('shows the steps of the model and sends others when they are typed', async () => {
    const { user, rig } = await openPage(await readyRig());
    const steps = screen.getByRole<HTMLInputElement>('textbox', { name: 'Steps', hidden: true });
    expect(steps.value).toBe('4');
    await user.clear(steps);
    await user.type(steps, '7{Enter}');
    await make(rig, 'add a cup');
    expect(rig.engine.requests.at(-1)?.steps).toBe(7);
  });
});

describe('the turns', () => {
  it('are walked with the arrow keys and shown with Enter', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup', 'make it night');
    expect(turns()).toEqual(['Original', 'Turn 1: add a cup', 'Turn 2: make it night']);
    screen.getByRole('treeitem', { name: 'Turn 2: make it night' }).focus();
    await user.keyboard('{ArrowUp}{Enter}');
    expect(here()).toBe('Turn 1: add a cup');
    await user.keyboard('{Home}{Enter}');
    expect(here()).toBe('Original');
  });

  it('branch when one goes back and writes again, and keep the old branch as a limb', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup', 'make it night', 'add a dog');
    await user.click(screen.getByRole('treeitem', { name: 'Turn 1: add a cup' }));
    expect(screen.getByText('a new branch from 1')).toBeTruthy();
    await make(rig, 'make it day');
    expect(turns()).toEqual([
      'Original',
      'Turn 1: add a cup',
      'Turn 2: make it night',
      'Turn 2: make it day',
    ]);
    const limb = screen.getByRole('treeitem', { name: 'Turn 2: make it night' });
    expect([limb.getAttribute('aria-level'), limb.getAttribute('aria-expanded')]).toEqual(['2', 'false']);
    limb.focus();
    await user.keyboard('{ArrowRight}');
    expect(turns()).toContain('Turn 3: add a dog');
    await user.keyboard('{Enter}');
    expect(here()).toBe('Turn 2: make it night');
  });

  it('keep the old words struck under the new ones', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup');
    await user.click(screen.getByRole('button', { name: 'Turn 1, more' }));
    await user.click(screen.getByRole('menuitem', { name: 'Reword' }));
    expect(words().value).toBe('add a cup');
    await user.clear(words());
    await user.type(words(), 'add a dog');
    await user.click(screen.getByRole('button', { name: /^Make edit/ }));
    await act(() => rig.actions.settled());
    const row = screen.getByRole('treeitem', { name: 'Turn 1: add a dog' });
    expect(row.querySelector('del')?.textContent).toBe('add a cup');
  });

  it('come back after a delete with undo', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup');
    screen.getByRole('treeitem', { name: 'Turn 1: add a cup' }).focus();
    await user.keyboard('{Delete}');
    expect(turns()).toEqual(['Original']);
    await user.click(within(screen.getByRole('banner')).getByRole('button', { name: 'Undo' }));
    expect(turns()).toEqual(['Original', 'Turn 1: add a cup']);
  });

  it('stand beside the picture when they differ by seed alone', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.click(screen.getByRole('radio', { name: '4' }));
    await user.type(words(), 'add a cup');
    await user.click(screen.getByRole('button', { name: /^Make 4 edits/ }));
    await act(() => rig.actions.settled());
    expect(turns()).toHaveLength(2);
    const side = within(screen.getByRole('complementary', { name: 'Turn 1' }));
    expect(side.getAllByRole('button', { name: /Way/ })).toHaveLength(4);
  });
});

describe('a running edit', () => {
  async function held() {
    const opened = await openPage(await readyRig());
    const { passed, open } = gate();
    opened.rig.engine.beforeStep = (stage, done) => (stage === 'denoise' && done === 2 ? passed : undefined);
    await act(async () => {
      opened.rig.actions.setInstruction('add a red cup');
      opened.rig.actions.makeEdit();
    });
    await screen.findByText('Step 2 of 4', { selector: '.facts span' });
    return { ...opened, open };
  }

  it('shows its steps and the title, and ends as a turn', async () => {
    const { rig, open } = await held();
    expect(screen.getByRole('progressbar', { name: 'Turn 1' }).getAttribute('aria-valuenow')).toBe('2');
    // The title changes once a second at most.
    await waitFor(() => expect(document.title).toMatch(/^\(2\/4\) /), { timeout: 3000 });
    open();
    await act(() => rig.actions.settled());
    expect(screen.queryByRole('progressbar')).toBeNull();
  });

  it('stops with Esc, keeps the words and can be tried again', async () => {
    const { user, rig, open } = await held();
    act(() => words().blur());
    await user.keyboard('{Escape}');
    open();
    await act(() => rig.actions.settled());
    expect(words().value).toBe('add a red cup');
    expect(screen.getByText('Cancelled, words kept')).toBeTruthy();
    await user.click(screen.getByRole('treeitem', { name: 'Turn 1: add a red cup' }));
    rig.engine.beforeStep = () => undefined;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await act(() => rig.actions.settled());
    expect(rig.document().turns.map((turn) => turn.state.status)).toEqual(['done']);
  });
});

describe('trouble', () => {
  it('offers a restart after a lost device, and goes on', async () => {
    const { user, rig } = await openPage(await readyRig());
    rig.engine.failNext('edit', 'device-lost');
    await make(rig, 'add a cup');
    const notice = await screen.findByRole('alert');
    expect(document.activeElement).toBe(notice);
    await user.click(within(notice).getByRole('button', { name: 'Start the model again' }));
    await act(() => rig.actions.settled());
    await make(rig, 'add a dog');
    expect(rig.document().turns.at(-1)?.state.status).toBe('done');
  });

  it('says that a picture is unlike those the model knows', async () => {
    const rig = await readyRig();
    await openPage(rig);
    const pixels = { ...flatPicture(0), data: Uint8ClampedArray.from({ length: 256 }, (_, index) => index) };
    await act(async () => {
      await rig.actions.openPicture(pixels, 'photo.png');
      await rig.actions.settled();
    });
    expect(await screen.findByText('This picture is unlike those the model knows')).toBeTruthy();
  });
});

describe('the region', () => {
  const region = (): string => document.querySelector('.scope')?.textContent ?? '';

  it('is made without a pointer: a rectangle, arrow keys and Enter', async () => {
    const { user, rig } = await openPage(await readyRig());
    screen.getByRole('application', { name: 'Picture' }).focus();
    await user.keyboard('m{ArrowRight}{ArrowDown}{Enter}');
    expect(region()).toContain('In the region');
    const mask = rig.document().composer.regions.drawn;
    const drawn = mask === null ? null : rig.actions.maskOf(mask.hash);
    const inside = [...(drawn?.data ?? [])].flatMap((value, pixel) => (value === 255 ? [pixel] : []));
    expect([inside.length, inside[0], inside.at(-1)]).toEqual([16, 3 * 8 + 3, 6 * 8 + 6]);
    await user.keyboard('{Control>}z{/Control}');
    expect(region()).toContain('Whole picture');
  });

  it('is made with number fields too', async () => {
    const { user } = await openPage(await readyRig());
    await user.click(screen.getByRole('button', { name: 'Rectangle' }));
    const width = screen.getByRole('textbox', { name: 'Width' });
    await user.clear(width);
    await user.type(width, '8{Enter}');
    await user.click(screen.getByRole('button', { name: 'Add' }));
    expect(region()).toContain('drawn, 50');
  });

  it('keeps a number that is typed and says which other one gave way', async () => {
    const { user } = await openPage(await readyRig());
    await user.click(screen.getByRole('button', { name: 'Rectangle' }));
    const field = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });
    await user.clear(field('Y'));
    await user.type(field('Y'), '6{Enter}');
    expect(['X', 'Y', 'Width', 'Height'].map((name) => field(name).value)).toEqual(['2', '6', '4', '2']);
    expect(screen.getByRole('status', { name: 'What happens' }).textContent).toMatch(/^Height is now 2/);
    expect(field('Height').closest('label')?.title).toMatch(/stays in the picture/);
    await user.clear(field('Height'));
    await user.type(field('Height'), '1{Enter}');
    expect(['Y', 'Height'].map((name) => field(name).value)).toEqual(['6', '1']);
    expect(field('Height').closest('label')?.title).toBe('');
  });

  it('is drawn with the pointer, inverted, cleared and undone stroke by stroke', async () => {
    const { user, page } = await openPage(await readyRig());
    const picture = screen.getByRole('application', { name: 'Picture' });
    picture.getBoundingClientRect = () => new DOMRect(0, 0, 80, 80);
    act(() => page.view.setState({ brushSize: 2 }));
    const stroke = (y: number): void => {
      fireEvent.pointerDown(picture, {
        pointerId: 1,
        pointerType: 'mouse',
        button: 0,
        clientX: 0,
        clientY: y,
      });
      fireEvent.pointerMove(picture, { pointerId: 1, pointerType: 'mouse', clientX: 80, clientY: y });
      fireEvent.pointerUp(picture, { pointerId: 1, pointerType: 'mouse', clientX: 80, clientY: y });
    };
    stroke(10);
    expect(region()).toContain('drawn, 25');
    stroke(70);
    expect(region()).toContain('drawn, 50');
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(region()).toContain('drawn, 25');
    await user.click(screen.getByRole('button', { name: 'Invert' }));
    expect(region()).toContain('drawn, 75');
    await user.click(screen.getByRole('button', { name: 'Clear' }));
    expect(region()).toContain('Whole picture');
  });

  it('leaves every pixel outside as it was, and says so', async () => {
    const { user, rig } = await openPage(await readyRig());
    await user.click(screen.getByRole('button', { name: 'Rectangle' }));
    await user.click(screen.getByRole('button', { name: 'Add' }));
    await make(rig, 'add a cup');
    expect(screen.getByText(/changed outside the region/).textContent).toBe(
      '0\u00a0px changed outside the region',
    );
  });
});

describe('looking', () => {
  it('compares with the slider, swaps with Alt+C, and leaves with Esc', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup');
    await user.click(screen.getByRole('button', { name: 'Compare' }));
    const slider = screen.getByRole('slider', { name: 'Before and after' });
    slider.focus();
    await user.keyboard('{Home}');
    expect(slider.getAttribute('aria-valuetext')).toBe('100 % 0 Original, the rest 1 add a cup');
    fireEvent.keyDown(slider, { key: 'c', code: 'KeyC', altKey: true });
    expect(
      screen.getByRole<HTMLSelectElement>('combobox', { name: 'Left picture' }).selectedOptions[0]?.text,
    ).toBe('1 add a cup');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('slider', { name: 'Before and after' })).toBeNull();
  });

  it('looks under the picture at earlier ones and branches from there', async () => {
    const { user, rig } = await openPage(await readyRig());
    await make(rig, 'add a cup', 'make it night');
    screen.getByRole('slider', { name: /Look under/ }).focus();
    await user.keyboard('{ArrowDown}');
    expect(screen.getByText('Looking under: turn 1')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Branch from here' }));
    expect(here()).toBe('Turn 1: add a cup');
  });

  it('remembers the theme', async () => {
    const { user, choices } = await openPage();
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(screen.getByRole('radio', { name: 'Dark' }));
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(choices.get('theme')).toBe('dark');
  });
});

describe('the way back to the first page', () => {
  it('leaves the session open and leads back into it', async () => {
    const { user } = await openPage(await readyRig());
    await user.click(screen.getByRole('button', { name: 'Palimpsest, first page' }));
    expect(screen.queryByRole('tree')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Go on with “bay”' }));
    expect(turns()).toEqual(['Original']);
  });
});

describe('leaving with the work', () => {
  it('asks for a session file when nothing could be stored, and lets go once it is saved', async () => {
    const { user, rig, page, saved } = await openPage(await readyRig());
    await act(() => rig.actions.settled());
    await whileDiskIsFull(0, async () => {
      await user.type(words(), 'add a cup');
      await act(() => rig.actions.settled());
      await act(async () =>
        expect(await rig.actions.openPicture(flatPicture(9), 'other', leaveOptions(page))).toBe(false),
      );
      const notice = await screen.findByRole('alert');
      await user.click(within(notice).getByRole('button', { name: /session file/i }));
      expect(saved).toHaveLength(1);
      await act(async () =>
        expect(await rig.actions.openPicture(flatPicture(9), 'other', leaveOptions(page))).toBe(true),
      );
    });
  });

  it('saves frames, the picture and the session file', async () => {
    const { user, rig, saved } = await openPage(await readyRig());
    await make(rig, 'add a cup');
    await user.click(screen.getByRole('button', { name: 'Export' }));
    await user.click(screen.getByRole('button', { name: 'Export the frames' }));
    await user.click(screen.getByRole('radio', { name: /Picture/ }));
    await user.click(screen.getByRole('button', { name: 'Export PNG' }));
    await user.click(screen.getByRole('radio', { name: /Session/ }));
    await user.click(screen.getByRole('button', { name: 'Save the session file' }));
    await waitFor(() => expect(saved).toHaveLength(3));
    expect(saved.map((file) => [...file.bytes.subarray(0, 2)])).toEqual([
      [0x50, 0x4b],
      [0x89, 0x50],
      [0x50, 0x4b],
    ]);
  });
});
