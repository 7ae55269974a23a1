/** What the page says of a model from its manifest. */
import type { ModelManifest } from '../runtime/contract.ts';
import type { Messages } from './messages/en.ts';

const KINDS = ['objects', 'backgrounds', 'styles', 'lights'] as const;

/** "48 things", "14 backgrounds" and so on: how many words a model knows of each kind, without those of which it knows none. */
export function knownKinds({ first }: Messages, world: ModelManifest['world']): readonly string[] {
  return KINDS.flatMap((kind) => {
    const count = world[kind]?.length ?? 0;
    return count === 0 ? [] : [first.kinds[kind](count)];
  });
}

/** Of all files of a model. */
export function bytesOfModel({ files }: Pick<ModelManifest, 'files'>): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
