/** What a request asks of a model: the tasks that it must know, and the role texts that say so to it. */
import type {
  ClipFrame,
  EditRequest,
  HistoryItem,
  ModelManifest,
  ModelRoles,
  Reference,
} from './contract.ts';
import { failure } from './failures.ts';

export type ImageItem = Extract<HistoryItem, { kind: 'image' }>;

const LEAST_FRAMES = 4;
const MOST_FRAMES = 8;

interface Task {
  readonly needsRoles: boolean;
  /** The model must know one of these. */
  readonly names: readonly string[];
}

/** Throws 'unsupported' with what the model can do unless it was trained on every task of the request. */
export function checkTasks(
  request: EditRequest,
  { capabilities, roles }: ModelManifest,
  previous: ImageItem | undefined,
): void {
  const missing = tasksOf(request, previous).find(
    ({ needsRoles, names }) =>
      (needsRoles && roles === undefined) || !names.some((name) => capabilities.includes(name)),
  );
  if (missing === undefined) return;
  throw failure('task-untrained', { tasks: missing.names.join(' or '), known: capabilities.join(', ') });
}

function tasksOf(request: EditRequest, previous: ImageItem | undefined): readonly Task[] {
  const { regions = {}, references = [], target = 'image' } = request;
  const tasks: Task[] = [];
  const need = (...names: string[]): unknown => tasks.push({ needsRoles: true, names });
  if (typeof target === 'object') need(isOfClip(previous, target) ? 'clip-edit' : 'clip-between');
  else if (target !== 'image') need(target);
  else if (regions.now !== undefined || regions.next !== undefined) need('dragged-region', 'chain');
  if (references.some(({ role }) => role === 'picture')) need('multi-concept');
  if (references.some(({ role }) => role !== 'picture')) need('demonstration');
  if (regions.drawn !== undefined) tasks.push({ needsRoles: false, names: ['drawn-region'] });
  // Every other task begins with a picture, and with references to compose none is needed.
  if (tasks.length === 0)
    tasks.push({ needsRoles: false, names: [previous === undefined ? 'text-to-image' : 'next-image'] });
  return tasks;
}

/** Whether a frame is made from the one that stands at its own place in a clip, not from the clip's first end. */
export function isOfClip(previous: ImageItem | undefined, { index }: ClipFrame): boolean {
  return (previous?.t ?? 0) === index - 1;
}

/** Role text of each reference; pictures are numbered in their order. Throws 'bad-input' when they are too many. */
export function referenceRoles(references: readonly Reference[], roles: ModelRoles): readonly string[] {
  let pictures = 0;
  return references.map(({ role }) => {
    if (role !== 'picture') return roles[role];
    const text = roles.pictures[pictures++];
    if (text !== undefined) return text;
    throw failure('too-many-pictures', { most: roles.pictures.length });
  });
}

/** Throws 'bad-input' for a frame that no clip has. */
export function frameRole({ index, count }: ClipFrame, { frame, numbers }: ModelRoles): string {
  const [indexWord, countWord] = [numbers[index - 1], numbers[count - 1]];
  if (count < LEAST_FRAMES || count > MOST_FRAMES || index > count || !indexWord || !countWord) {
    throw failure('clip-frame-invalid', { least: LEAST_FRAMES, most: MOST_FRAMES, index, count });
  }
  return frame.replace('{index}', indexWord).replace('{count}', countWord);
}
