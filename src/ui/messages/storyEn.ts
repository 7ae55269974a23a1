/** English for the branch told as a story: its shots, the player and the clips between them. */
import { countOf } from '../words.ts';

const shots = (count: number): string => countOf(count, 'shot', 'shots');
const frames = (count: number): string => countOf(count, 'frame', 'frames');

export const storyEn = {
  view: 'View',
  views: { edit: 'Edit', story: 'Story' },
  nowIn: { edit: 'Edit view.', story: 'Story view.' },
  film: 'Film',
  shots: 'Shots',
  total: (count: number, time: string) => `${shots(count)}, ${time}`,
  areLeftOut: (count: number) => `${count} left out`,
  none: 'No shots yet. Write the first scene.',
  nonePlayed: 'Every shot is left out. Put one back to play the story.',
  shot: (number: number) => `Shot ${number}`,
  clipBetween: (from: number, to: number) => `Clip between ${from} and ${to}`,
  card: (name: string, words: string) => `${name}: ${words}`,
  frames,
  isLeftOut: 'left out',
  isWaiting: 'waits',
  isMade: 'being made',
  cancelShot: (name: string) => `Cancel: ${name}`,
  willAppear: 'This shot appears here',
  preview: 'Preview of the shot',

  play: 'Play',
  pause: 'Pause',
  earlier: 'Picture before',
  later: 'Next picture',
  loop: 'Play round and round',
  place: 'Place in the film',
  placeAt: (time: string, total: string, name: string) => `${time} of ${total}, ${name}`,

  stays: (name: string) => `${name}: how many seconds it stays`,
  staysShort: 'stays',
  leaveOut: 'Leave out',
  leaveOutTitle: 'Leave this shot out of the story; it stays in the script (Del)',
  putBack: 'Put back',
  nowLeftOut: (name: string) => `${name} is left out.`,
  nowBack: (name: string) => `${name} is back in the story.`,
  openInEdit: 'Show in Edit',
  deleteClip: 'Delete clip',
  editClip: 'Edit clip',
  editClipTitle: 'The same edit on every frame of the clip',
  clipChange: 'What changes in the clip',
  clipMotion: 'What happens between',
  clipMotionHint: 'What moves, and where to',
  clipFrames: 'Frames',
  makeClip: 'Make clip',
  makeClipBetween: (from: number, to: number) => `Make a clip between shots ${from} and ${to}`,

  cast: 'Cast',
  castUse: (name: string) => `Speak of ${name} in the next shot`,
  noCast: 'No cast yet. It begins with the first picture.',
  unable: {
    story: 'This model does not make next scenes. The next shot is an edit of the last one.',
    'clip-between': 'This model makes no clips between shots.',
    'clip-edit': 'This model does not edit clips.',
  },

  notInExport: (count: number) =>
    count === 1 ? 'Without the shot left out.' : `Without the ${count} shots left out.`,
  ownTimes: 'Shots with a time of their own keep it.',

  make: 'What is made',
  makes: { image: 'Edit', scene: 'Next scene', 'clip-between': 'Clip', 'clip-edit': 'Edit clip' },
  clipTo: 'Clip to',
  clipToShort: 'to',
  scopes: {
    scene: (number: number) => `After ${number}`,
    'clip-between': (number: number) => `From ${number}`,
    'clip-edit': (number: number) => `Every frame of ${number}`,
  },
  whatNext: 'What happens next',
  whatNextHint: 'What happens next?',
  betweenHint: 'What happens between?',
  wholeClipHint: 'What changes in every frame?',
  makeScenes: (count: number) => (count === 1 ? 'Make next scene' : `Make ${count} scenes`),
  makeClips: (count: number) => (count === 1 ? 'Make clip' : `Make ${count} clips`),
};
