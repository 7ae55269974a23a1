// @vitest-environment node
import { describe, expect, it } from 'vitest';

import { gate, readyRig, type Rig } from '../session/testing/editor.ts';
import { announcementOf, titleOf } from './announcements.ts';
import { en } from './messages/en.ts';

/** All sentences and titles while `work` goes on. */
async function heard(rig: Rig, work: () => Promise<void> | void) {
  const sentences: string[] = [];
  const titles: string[] = [];
  const stop = rig.state.subscribe((now, before) => {
    const words = announcementOf(before, now, en);
    if (words !== null) sentences.push(words);
    titles.push(titleOf(now));
  });
  await work();
  await rig.actions.settled();
  stop();
  return { sentences, titles };
}

describe('announcements', () => {
  it('speak at each quarter and at the end only', async () => {
    const rig = await readyRig();
    rig.actions.setSteps(16);
    rig.actions.setInstruction('add a cup');
    const { sentences } = await heard(rig, () => void rig.actions.makeEdit());
    expect(sentences).toEqual(['25 percent.', '50 percent.', '75 percent.', 'Made: add a cup.']);
  });

  it('say what failed and why', async () => {
    const rig = await readyRig();
    rig.engine.failNext('edit', 'internal');
    rig.actions.setInstruction('add a cup');
    const { sentences } = await heard(rig, () => void rig.actions.makeEdit());
    expect(sentences.at(-1)).toMatch(/^Not made: add a cup\. ./);
  });

  it('say that a cancelled turn keeps its words', async () => {
    const rig = await readyRig();
    const { passed, open } = gate();
    rig.engine.beforeStep = () => passed;
    rig.actions.setInstruction('add a cup');
    const { sentences } = await heard(rig, () => {
      rig.actions.makeEdit();
      rig.actions.cancel();
      open();
    });
    expect(sentences).toContain('Cancelled. Your words are kept.');
  });
});

describe('the title', () => {
  it('counts the steps and ends with the name alone', async () => {
    const rig = await readyRig();
    rig.actions.setInstruction('add a cup');
    const { titles } = await heard(rig, () => void rig.actions.makeEdit());
    expect(titles).toContain('(2/4) bay - Palimpsest');
    expect(titles.at(-1)).toBe('bay - Palimpsest');
  });
});
