/** What the page says in English. The shape of this object is what every other language must say too. */
import type { PictureAlong } from '../../session/actions.ts';
import { leastFrames, mostFrames } from '../../session/adding.ts';
import type { UndoLabel } from '../../session/state.ts';
import { countOf } from '../words.ts';
import { deskEn } from './deskEn.ts';
import { firstEn } from './firstEn.ts';
import { keysEn } from './keysEn.ts';
import { pictures, scriptEn, turns } from './scriptEn.ts';
import { sideEn } from './sideEn.ts';
import { storyEn } from './storyEn.ts';

const files = (count: number): string => countOf(count, 'file', 'files');

export const en = {
  /** BCP 47, for the `lang` of the document. */
  tag: 'en-GB',
  /** Between the parts of a list. */
  comma: ', ',
  close: 'Close',
  closeTitle: 'Close (Esc)',
  details: 'Details',
  /** What the session says of a failure, from English. */
  failure: (english: string) => english,
  cancel: 'Cancel',
  delete: 'Delete',
  whatItKnows: 'What it knows',
  openPicture: 'Open a picture',
  openSessionFile: 'Open a session file',
  saveSessionFile: 'Save a session file',
  sessionsHere: 'Sessions on this device',
  whatModelKnows: 'What the model knows',
  keysAndHelp: 'Keys and help',
  /** The list before examples. */
  tryThese: 'Try',
  turns,
  pictures,
  turn: (number: number) => `Turn ${number}`,

  app: {
    dropHere: 'Drop to open',
    skipToStart: 'Go to what one can begin with',
    skipToWords: 'Go to the line being written',
    script: 'Script',
    bench: 'Tools and their options',
    spoken: 'What happens',
    broke: 'The page stopped working',
    brokeSafe:
      'What was stored on this device is still there. Save a session file, then load the page again.',
    loadAgain: 'Load the page again',
  },

  header: {
    firstPage: 'First page',
    brand: 'Palimpsest, first page',
    undo: 'Undo',
    redo: 'Redo',
    undoOf: {
      'go-to': 'Undo the step to another turn',
      'delete-turn': 'Undo deleting the turn',
      rename: 'Undo the new name',
      region: 'Undo the change of the region',
      branch: 'Undo the step to a new branch',
      make: 'Undo the step to the new turn',
      star: 'Undo the star',
      archive: 'Undo archiving the turn',
      keep: 'Undo the choice of a way',
      discard: 'Undo discarding a way',
      part: 'Undo the change of a line',
      reference: 'Undo the change of references',
      context: 'Undo the choice of what is seen',
      task: 'Undo the choice of what is made',
      shot: 'Undo the change of the shot',
    } satisfies Record<UndoLabel, string>,
    redoOf: {
      'go-to': 'Redo the step to another turn',
      'delete-turn': 'Redo deleting the turn',
      rename: 'Redo the new name',
      region: 'Redo the change of the region',
      branch: 'Redo the step to a new branch',
      make: 'Redo the step to the new turn',
      star: 'Redo the star',
      archive: 'Redo archiving the turn',
      keep: 'Redo the choice of a way',
      discard: 'Redo discarding a way',
      part: 'Redo the change of a line',
      reference: 'Redo the change of references',
      context: 'Redo the choice of what is seen',
      task: 'Redo the choice of what is made',
      shot: 'Redo the change of the shot',
    } satisfies Record<UndoLabel, string>,
    export: 'Export',
    stored: 'Stored on this device',
    storing: 'Storing',
    notStored: 'Not stored; try again',
    noModel: 'No model yet',
    startingAgain: 'Starting again',
    loading: 'Loading the model',
    stopped: 'Model stopped',
    working: (model: string) => `${model}, working`,
    ready: (model: string) => `${model}, ready`,
    onProcessor: ' on the processor',
    more: 'More',
    startFromWords: 'Start from words',
    theme: 'Theme',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    language: 'Language',
  },

  notices: {
    notOpened: 'That could not be opened',
    newVersion: 'A newer version of this page is ready',
    newVersionSafe: 'Your work is stored and opens again with it.',
    loadNewVersion: 'Load the new version',
    silent: (seconds: number) => `The model has not answered for ${seconds}\u00a0seconds`,
    silentSafe:
      'That is far longer than its last steps took. It may still be at work, or it may hang. Starting it again stops this turn; your words and all earlier turns are kept.',
    waitOn: 'Wait on',
    restart: 'Start the model again',
    strange: 'This picture is unlike those the model knows',
    strangeWhy: (decibels: string) =>
      `Encoding and decoding alone changes it visibly (${decibels} dB). Edits outside a region will look rough; draw a region to keep the rest exactly as it is.`,
  },

  spoken: {
    modelReady: 'The model is ready.',
    modelLoading: 'Loading the model.',
    made: (words: string) => `Made: ${words}.`,
    notMade: (words: string, why: string) => `Not made: ${words}. ${why}`,
    cancelled: 'Cancelled. Your words are kept.',
    percent: (percent: number) => `${percent} percent.`,
    open: (name: string) => `${name} is open.`,
    saved: (name: string, size: string) => `${name} is saved, ${size}.`,
  },

  open: {
    pasted: 'Pasted picture',
    tooMany: (count: number) =>
      `A session begins with one picture, and these were ${count} files. Nothing was changed. Bring them one after the other.`,
    undecodable: (type: string) =>
      `This picture could not be read: the browser cannot decode ${type === '' ? 'this file' : `a file of type ${type}`}. Nothing was changed. Choose a PNG, JPEG or WebP file.`,
    noSurface: 'The browser gave no drawing surface. Close other tabs and try again.',
    sceneNotFetched: (status: number) =>
      `The scene could not be fetched (${status}). Check the connection and try again.`,
  },

  first: firstEn,

  load: {
    unreadable: (why: string) => `The model could not be read. ${why}`,
    isLoaded: (model: string) => `${model} is loaded. `,
    stored: {
      kept: 'It is kept in this browser.',
      refused: 'It is in memory only: this browser gives no storage, as in a private window.',
      full: 'It is in memory only: there is too little room, so the next visit fetches it again.',
    },
    openToBegin: ' Open a picture to begin.',
    openOrWrite: ' Open a picture to begin, or start from words.',
    starting: 'Starting',
    otherTab: 'Another tab is loading it; this one goes on by itself',
    phases: {
      download: 'Fetching and checking',
      compile: 'Preparing for this device',
      'self-test': 'Testing',
    },
    checked: (done: string, total: string) => `${done} of ${total} checked`,
    loading: 'Loading the model',
    load: 'Load the model',
    again: 'Load the model again',
    goOn: 'Go on loading',
    pause: 'Pause',
    pauseTitle: 'Pause loading; what has arrived is kept',
    paused: (done: string, total: string) =>
      `Paused at ${done} of ${total}. What has arrived is checked and kept; loading goes on from there.`,
    files: (count: number) =>
      `${files(count)}, fetched once from this site. Each is checked against its SHA-256 and kept in this browser.`,
  },

  ...scriptEn,

  stored: {
    title: 'Kept in this browser',
    kinds: { models: 'The model', sessions: 'Sessions and their pictures' },
    total: 'Together',
    measuring: 'being counted',
    delete: 'Delete',
    keep: 'Keep it',
    deleteKind: { models: 'Delete the kept model', sessions: 'Delete all sessions' },
    sure: {
      models: 'Delete the model kept here? The next load fetches it again.',
      sessions: 'Delete every session kept here? This cannot be undone.',
    },
    gone: {
      models: 'The model is deleted. If it is loaded, it works on until this page is closed.',
      sessions: 'All sessions are deleted.',
    },
    inUse: {
      models: 'A tab is loading the model, so it was not deleted. Pause there, then try again.',
      sessions: 'The browser does not let this page use its storage. Nothing was deleted.',
    },
  },

  export: {
    title: 'Export',
    as: 'As',
    formats: {
      frames: {
        name: 'Frames',
        note: 'PNG in a zip, regions, captions',
        act: 'Export the frames',
      },
      mp4: { name: 'MP4', note: 'video, H.264', act: 'Export MP4' },
      gif: { name: 'GIF', note: 'animation, 256 colours', act: 'Export GIF' },
      apng: { name: 'APNG', note: 'animation, every pixel as it is', act: 'Export APNG' },
      picture: { name: 'Picture', note: 'PNG of the turn in sight', act: 'Export PNG' },
      layers: {
        name: 'Layers',
        note: 'OpenRaster, for Krita, GIMP and others',
        act: 'Export the layers',
      },
      session: { name: 'Session', note: 'everything, opens here again', act: 'Save the session file' },
    },
    seconds: 'Seconds for each picture',
    along: 'In the file',
    alongs: {
      nothing: 'the picture alone',
      recipe: 'its words and settings too',
      session: 'the whole session, opens here again',
    } satisfies Record<PictureAlong, string>,
    marked: 'In any case the file says that a model made the picture, where other programs look for it.',
    way: 'From the start to the turn you are at, along this branch.',
    video: (count: number, seconds: number) => `${pictures(count)}, ${seconds}\u00a0s`,
    noPicture: 'no picture yet',
    encoding: (share: string) => `Encoding, ${share}`,
    saved: (name: string, size: string) => `Saved ${name}, ${size}`,
  },

  report: {
    copy: 'Copy report',
    title: 'Device, model, and the words and settings of the turn in sight; no pictures',
    copied: 'Copied',
    text: 'Report, to be copied',
  },

  fit: {
    title: 'Fit the picture',
    sizes: (name: string, size: string, frame: string) =>
      `${name} has ${size} pixels; the model works on ${frame}.`,
    how: 'How to fit it',
    cut: { name: 'Cut to the middle', note: 'fills the frame, the ends are lost' },
    bars: { name: 'Show all of it', note: 'grey bars fill the rest' },
    open: 'Open the picture',
  },

  sessions: {
    note: 'Stored in this browser. The browser may delete them when the disk is full; a session file is yours to keep.',
    none: 'Nothing is stored yet. Open a picture to begin.',
    sure: 'Delete every session stored here? This cannot be undone.',
    keep: 'Keep them',
    deleteAll: 'Delete everything',
    deleteAllHere: 'Delete everything stored here',
    about: (turnCount: number, date: string) => `${turns(turnCount)}, ${date}`,
    openNow: ', open now',
    deleteOne: (name: string) => `Delete ${name}`,
  },

  benchmark: {
    title: 'Speed of this device',
    about:
      'Measures one edit and late turns of a session with this model; your sessions stay as they are. On a processor it takes some minutes.',
    notNow: 'This needs the model, loaded and with nothing to make.',
    start: 'Benchmark this device',
    result: 'Result of the benchmark',
    copy: 'Copy the result',
    copied: 'The result is copied.',
    failed: 'The benchmark could not be finished. Nothing was changed; you can start it again.',
  },

  models: {
    title: 'Models',
    inUse: 'In use',
    use: 'Use',
    choose: (title: string) => `Use ${title}`,
    firstEdits: (percent: number) => `${percent}\u00a0% of first edits right`,
    note: 'Another model opens the page anew. Your sessions stay, and any model can go on with them.',
  },

  about: {
    lead: (model: string) =>
      `${model} was trained by this project on drawn scenes only. It knows the words below and no photographs.`,
    words: 'Words',
    lists: {
      objects: 'Things',
      places: 'Places in the picture',
      backgrounds: 'Backgrounds',
      sizes: 'Sizes',
      styles: 'Styles',
      lights: 'Lights',
      colours: 'Colours',
    },
    listed: (name: string, count: number) => `${name}, ${count}`,
    measured: 'Measured',
    measures: {
      single_turn_success: 'Edits done right',
      turn_3_success: 'Three turns in a row, all right',
      turn_5_success: 'Five turns in a row, all right',
      drawn_region_success: 'Edits done right in a drawn region',
      from_words_success: 'Pictures from words done right',
      psnr_outside_db: 'Likeness outside the change',
      psnr_outside_vae_db: 'The same for the autoencoder alone',
      sessions: 'New scenes measured on',
      steps: 'Steps per edit',
      seed: 'Seed of the scenes',
    },
    noMeasures: 'No measurements came with this model.',
    model: 'Model',
    runsOn: 'Runs on',
    onGpu: (detail: string) => `Graphics card through WebGPU: ${detail}`,
    onProcessor: (detail: string) => `Processor through WASM: ${detail}`,
    willUseGpu: (adapter: string) => `Graphics card through WebGPU, once loaded: ${adapter}`,
    willUseProcessor: (why: string) => `Processor through WASM, once loaded: ${why}`,
    frame: 'Frame',
    otherFrames: 'Other frames',
    frameOf: (size: string, tokens: number) => `${size}, ${countOf(tokens, 'token', 'tokens')}`,
    network: 'Network',
    networkOf: (layers: number, width: number) => `${countOf(layers, 'layer', 'layers')}, width ${width}`,
    size: 'Size',
    sizeOf: (bytes: string, count: number) => `${bytes}, ${files(count)}`,
    canDo: 'Can do',
    capabilities: {
      'next-image': 'edit a picture',
      'drawn-region': 'edit a drawn region',
      'region-now': 'find the region of an edit',
      'region-next': 'find where a thing will be',
      'dragged-region': 'follow a region that was moved',
      chain: 'edit in stages, from region to region to picture',
      'text-to-image': 'make a picture from words',
      'multi-concept': 'take things over from other pictures',
      demonstration: 'repeat an edit that two pictures show',
      story: 'go on with the next scene',
      'clip-between': `make a clip of ${leastFrames} to ${mostFrames} frames between two pictures`,
      'clip-edit': 'edit every frame of a clip',
    },
    licence: 'Licence',
    trainedBy: 'Trained by commit',
  },

  side: sideEn,
  story: storyEn,

  parts: {
    keptInPicture: 'Changed so that the rectangle stays in the picture',
    notFound: (what: string) => `${what}, not found`,
  },

  desk: deskEn,
  keys: keysEn,
};

export type Messages = typeof en;
