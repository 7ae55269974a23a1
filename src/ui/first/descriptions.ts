/** Words for the model, in the English it reads: descriptions to try, and prompts that adorn the first page. */
import type { ModelManifest } from '../../runtime/contract.ts';

export const UNDERWRITING = [
  'Put a sailboat on the horizon',
  'Move the ball next to the cat',
  'Late afternoon, long warm light',
  'Give the cat a hat, make it snow',
  'They sail into the dusk',
  'Replace the dog with a fox',
  'A boat comes in, the moon follows',
  'Home, under the old tree',
  'Make it night, then make it day',
];

const DESCRIPTIONS = [
  { words: 'a beach with a cat on the left', needs: ['beach', 'cat', 'left'] },
  { words: 'a sunset with a big star at the top', needs: ['sunset', 'star', 'top', 'large'] },
  {
    words: 'snow with a small tree on the left and a penguin on the right',
    needs: ['snow', 'tree', 'small', 'left', 'penguin', 'right'],
  },
];

const SCENES = [
  { words: 'next scene, a beach', needs: ['beach'] },
  { words: 'then a sunset', needs: ['sunset'] },
  { words: 'go on with snow', needs: ['snow'] },
  { words: 'next scene, a meadow', needs: ['meadow'] },
];

/** Next scenes of a story that the model knows. */
export function scenesFor(world: ModelManifest['world']): readonly string[] {
  const known = new Set(world.backgrounds);
  return SCENES.filter(({ needs }) => needs.every((word) => known.has(word))).map(({ words }) => words);
}

/** Those of which the model knows every thing, place, background and size. */
export function descriptionsFor(world: ModelManifest['world']): readonly string[] {
  const known = new Set([...world.objects, ...world.places, ...world.backgrounds, ...world.sizes]);
  return DESCRIPTIONS.filter(({ needs }) => needs.every((word) => known.has(word))).map(({ words }) => words);
}
