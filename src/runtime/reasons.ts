/**
 * Every way in which the engine fails: a stable reason, the code that decides what the page offers, and its sentence
 * in English. A page in another language says it from the reason and its values.
 *
 * | code            | reasons                                                                                         |
 * | --------------- | ----------------------------------------------------------------------------------------------- |
 * | cancelled       | edit-cancelled, loading-stopped, model-closed, model-restarted                                  |
 * | device-lost     | device-stopped, worker-stopped, model-not-running                                               |
 * | download-failed | download-failed                                                                                 |
 * | integrity       | chunk-damaged, file-unreadable, json-invalid, manifest-invalid, manifest-newer,                 |
 * |                 | tokenizer-unknown, qk-norm-length                                                               |
 * | unsupported     | task-untrained, session-too-long, memory-too-small, kernels-wrong, graph-refused, needs-webgpu, |
 * |                 | model-too-large                                                                                 |
 * | bad-input       | model-not-loaded, nothing-asked, region-without-picture, region-given, seed-invalid,            |
 * |                 | steps-invalid, guidance-invalid, clip-without-picture, clip-end, clip-outside-history,          |
 * |                 | clip-frame-invalid, too-many-pictures, words-too-long, size-wrong, latent-foreign               |
 * | internal        | not-numbers, unknown                                                                            |
 */
export type EngineErrorCode =
  | 'device-lost'
  | 'cancelled'
  | 'download-failed'
  | 'integrity'
  | 'unsupported'
  | 'bad-input'
  | 'internal';

export type ReasonValues = Readonly<Record<string, string | number>>;

type NoValues = Readonly<Record<string, never>>;

const reason = <Values extends ReasonValues = NoValues>(
  code: EngineErrorCode,
  say: (values: Values) => string,
) => ({ code, say });

export const REASONS = {
  'edit-cancelled': reason('cancelled', () => 'The edit was cancelled.'),
  'loading-stopped': reason(
    'cancelled',
    () => 'Loading was stopped. What has arrived is kept; load the model again to go on.',
  ),
  'model-closed': reason('cancelled', () => 'The model was closed.'),
  // A wish of the person's: whoever waited must not take the new model for a lost one.
  'model-restarted': reason(
    'cancelled',
    () => 'The model was restarted before this was finished. Run it again.',
  ),

  'device-stopped': reason(
    'device-lost',
    () => 'The graphics device stopped. Restart the model to go on; nothing of the session is lost.',
  ),
  'worker-stopped': reason(
    'device-lost',
    () => 'The part of the page that runs the model stopped. Restart the model to go on.',
  ),
  'model-not-running': reason('device-lost', () => 'The model is not running. Load or restart it first.'),

  'download-failed': reason<{ file: string }>(
    'download-failed',
    ({ file }) => `${file} could not be downloaded. Check the connection and try again.`,
  ),

  'chunk-damaged': reason<{ file: string }>(
    'integrity',
    ({ file }) =>
      `${file} arrived damaged and was not used. Load the page again, in case there is a newer version; if it stays, the server's copy is damaged.`,
  ),
  'file-unreadable': reason<{ file: string }>(
    'integrity',
    ({ file }) => `${file} could not be read back from the browser's storage. Load the model again.`,
  ),
  'json-invalid': reason<{ file: string }>(
    'integrity',
    ({ file }) =>
      `${file} of the model is not valid JSON. Reload the page; if it stays, the server's copy is damaged.`,
  ),
  'manifest-invalid': reason<{ field: string; problem: string }>(
    'integrity',
    ({ field, problem }) => `The model's manifest is not valid: ${field} ${problem}`,
  ),
  'manifest-newer': reason<{ version: number }>(
    'integrity',
    ({ version }) =>
      `The model's manifest is not valid: version is ${version}; this page reads version 1. Reload the page to get its newest version.`,
  ),
  'tokenizer-unknown': reason<{ part: string }>(
    'integrity',
    ({ part }) =>
      `The model's tokenizer uses ${part}, which this page cannot read. Export the model again with a word-level tokenizer.`,
  ),
  'qk-norm-length': reason<{ bytes: number; expected: number }>(
    'integrity',
    ({ bytes, expected }) => `The model's qk-norm file has ${bytes} bytes instead of ${expected}.`,
  ),

  'task-untrained': reason<{ tasks: string; known: string }>(
    'unsupported',
    ({ tasks, known }) => `This model was not trained for ${tasks}. It can do: ${known}.`,
  ),
  'session-too-long': reason<{ tokens: number; most: number }>(
    'unsupported',
    ({ tokens, most }) =>
      `The session has ${tokens} tokens and there is memory for ${most}. Leave some earlier frames out.`,
  ),
  'memory-too-small': reason(
    'unsupported',
    () =>
      'The graphics memory is not enough for a session this long. Leave some earlier frames out, or close other pages.',
  ),
  'kernels-wrong': reason(
    'unsupported',
    () => 'This graphics device does not compute the attention kernels correctly.',
  ),
  'graph-refused': reason<{ graph: string }>(
    'unsupported',
    ({ graph }) =>
      `The part "${graph}" of the model cannot run here. Reload the page, or use the WASM backend.`,
  ),
  'needs-webgpu': reason<{ model: string }>(
    'unsupported',
    ({ model }) =>
      `${model} runs on graphics cards through WebGPU only, and there is none here. Use a browser with WebGPU.`,
  ),
  'model-too-large': reason(
    'unsupported',
    () =>
      'This model is too large to be held in memory, and the browser gives no room to keep it. Free some disk space, or open the page in a window that is not private; what was kept is not fetched again.',
  ),

  'model-not-loaded': reason('bad-input', () => 'The model is not loaded yet. Load it first.'),
  'nothing-asked': reason('bad-input', () => 'Write what to change, or draw a region.'),
  'region-without-picture': reason(
    'bad-input',
    () => 'A region needs a picture to keep the rest of. Open or make a picture first.',
  ),
  'region-given': reason(
    'bad-input',
    () => 'The region that is asked for is given already. Leave it out, or ask for what follows it.',
  ),
  'seed-invalid': reason<{ seed: number }>(
    'bad-input',
    ({ seed }) => `The seed ${seed} is not a whole number from 0 to 4294967295.`,
  ),
  'steps-invalid': reason<{ steps: number; most: number }>(
    'bad-input',
    ({ steps, most }) => `${steps} steps are not possible. Choose a whole number from 1 to ${most}.`,
  ),
  'guidance-invalid': reason<{ guidance: number }>(
    'bad-input',
    ({ guidance }) => `Guidance ${guidance} is not possible. Choose a number from 0; 1 means none.`,
  ),
  'clip-without-picture': reason<{ image: string }>(
    'bad-input',
    ({ image }) => `The history has no image "${image}" to make a frame from. Put it there.`,
  ),
  'clip-end': reason(
    'bad-input',
    () => 'The ends of a clip between two pictures are there already. Ask for the frames between.',
  ),
  'clip-outside-history': reason(
    'bad-input',
    () => 'The words, references and regions of a clip belong into its history. Put them there.',
  ),
  'clip-frame-invalid': reason<{ least: number; most: number; index: number; count: number }>(
    'bad-input',
    ({ least, most, index, count }) =>
      `A clip has ${least} to ${most} frames, counted from 1; frame ${index} of ${count} is not one.`,
  ),
  'too-many-pictures': reason<{ most: number }>(
    'bad-input',
    ({ most }) => `An edit can refer to at most ${most} pictures. Leave some out.`,
  ),
  'words-too-long': reason<{ words: number; most: number }>(
    'bad-input',
    ({ words, most }) =>
      `The instruction has ${words} words and marks; this model reads ${most}. Shorten it.`,
  ),
  'size-wrong': reason<{ what: string; size: string; values: number; sizes: string }>(
    'bad-input',
    ({ what, size, values, sizes }) =>
      `The ${what} is ${size} with ${values} values; the model works on ${sizes}. Scale it first.`,
  ),
  'latent-foreign': reason<{ expected: string }>(
    'bad-input',
    ({ expected }) =>
      `A picture's latent is not ${expected}: it was made by another model. Pass the picture without it.`,
  ),

  'not-numbers': reason(
    'internal',
    () =>
      'The model made numbers that are none, so no picture was taken from them. Make it again; if it stays, restart the model.',
  ),
  unknown: reason('internal', () => 'The model could not finish. Restart it and try again.'),
} as const;

export type EngineReason = keyof typeof REASONS;
/** What stands in the sentence of a reason. */
export type ValuesOf<Reason extends EngineReason> = Parameters<(typeof REASONS)[Reason]['say']>[0];
