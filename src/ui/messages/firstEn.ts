/** The first page in English. */
import type { NoGraphicsReason } from '../../runtime/contract.ts';
import { countOf } from '../words.ts';

export const firstEn = {
  start: 'Start',
  begin: 'Begin',
  title: 'Edit a picture one\u00a0sentence at a time',
  lead: 'Each turn builds on all the turns before it: your words, the pictures and the regions you draw. The model runs on your own device. Nothing is uploaded.',
  /** Said where the language of the page is not the one that the model understands. */
  englishOnly: '',
  device: 'This device',
  noGpu: {
    'turned-off': 'turned off in the address',
    'not-offered': 'not in this browser',
    insecure: 'needs https',
    'no-adapter': 'no graphics adapter',
  },
  trial: {
    trying: 'Trying what this device can do.',
    graphics: (download: string, card: string, memory: string) =>
      `Loading fetches ${download}; edits then run on the graphics card (${card}), which gave ${memory} of memory and computed a trial correctly.`,
    processor: (download: string, why: string) =>
      `Loading fetches ${download}; edits then run on the processor and take longer, because ${why}.`,
    nowhere: (why: string) => `This model cannot run here, because it needs a graphics card and ${why}.`,
    reasons: {
      'turned-off': 'the graphics card is turned off in the address',
      'no-device': 'the browser gives no graphics card',
      'little-memory': 'the graphics card gave too little memory',
      'wrong-results': 'the graphics card computed a trial wrongly',
    } satisfies Record<NoGraphicsReason, string>,
  },
  processor: 'Processor',
  processorNote: 'works with WASM, slower',
  storage: 'Storage',
  needed: (size: string) => `${size} needed`,
  free: (size: string) => `${size} free`,
  whatChanges: 'What should change?',
  triesLabel: 'Examples; each opens its scene and fills the box',
  scenes: 'Begin with a scene',
  scenesNote: 'Drawn like the pictures the model learned from, with prompts to try',
  words: 'Or begin with words',
  wordsTile: 'What should the picture show?',
  wordsLabel: 'Descriptions; each begins a session and fills the box',
  own: 'Or with your own',
  drop: 'Drop a picture anywhere, or paste one',
  goOn: (name: string) => `Go on with “${name}”`,
  examples: 'Open a finished example',
  examplesNote: 'Works now, before the model is loaded',
  exampleHolds: (turnCount: number, size: string) => `${countOf(turnCount, 'turn', 'turns')}, ${size}`,
  plain: 'In plain words',
  runs: 'What runs where',
  runsText:
    'Everything runs in this browser, on this device: the model on the graphics card through WebGPU, or on the processor where there is none. Your words, pictures and regions are sent nowhere. This site only hands out the page and the model.',
  keeps: 'What is stored',
  keepsText:
    'Your sessions are stored in this browser while you work, with every picture and region, and so is the model once it is loaded. Both then open without a network. There is no other copy: save a session file to have one.',
  keepsLink: 'See and delete what is stored',
  knows: 'What the model knows',
  kinds: {
    objects: (count: number) => countOf(count, 'thing', 'things'),
    backgrounds: (count: number) => countOf(count, 'background', 'backgrounds'),
    styles: (count: number) => countOf(count, 'style', 'styles'),
    lights: (count: number) => countOf(count, 'light', 'lights'),
  },
  knowsText: (kinds: readonly string[]) =>
    `The model is small and was trained by this project on drawn scenes: ${listOf(kinds)}. It does not know photographs.`,
  knowsWords: 'All the words it knows',
  knowsLink: 'What it can do, with numbers',
};

function listOf(parts: readonly string[]): string {
  const first = parts.slice(0, -1).join(', ');
  return first === '' ? (parts[0] ?? '') : `${first} and ${parts.at(-1) ?? ''}`;
}
