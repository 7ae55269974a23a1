/** Questions about what a turn asks for. */
import type { RegionRefs, Task } from './document.ts';

export function hasRegions({ drawn, now, next }: RegionRefs): boolean {
  return drawn !== null || now !== null || next !== null;
}

/** Whether it makes the frames of a clip and not one picture. */
export function isClip(task: Task): task is Extract<Task, { readonly kind: 'clip-between' | 'clip-edit' }> {
  return task.kind === 'clip-between' || task.kind === 'clip-edit';
}
