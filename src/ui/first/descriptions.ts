/** Descriptions to try where a session begins with words. */
import type { ModelManifest } from '../../runtime/contract.ts';

const DESCRIPTIONS = [
  { words: 'a beach with a cat on the left', needs: ['beach', 'cat', 'left'] },
  { words: 'a sunset with a big star at the top', needs: ['sunset', 'star', 'top', 'large'] },
  {
    words: 'snow with a small tree on the left and a penguin on the right',
    needs: ['snow', 'tree', 'small', 'left', 'penguin', 'right'],
  },
];

/** Those of which the model knows every thing, place, background and size. */
export function descriptionsFor(world: ModelManifest['world']): readonly string[] {
  const known = new Set([...world.objects, ...world.places, ...world.backgrounds, ...world.sizes]);
  return DESCRIPTIONS.filter(({ needs }) => needs.every((word) => known.has(word))).map(({ words }) => words);
}
