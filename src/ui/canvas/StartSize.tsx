import type { ModelManifest } from '../../runtime/contract.ts';
import type { SessionDocument } from '../../session/document.ts';
import { isSizeOpen, sizeOfPictures } from '../../session/tree.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions } from '../page.ts';
import { inSize } from '../words.ts';

interface StartSizeProps {
  readonly document: SessionDocument;
  readonly offer: ModelManifest;
}

/** Of what size the first picture is made from words; a model with one size leaves nothing to choose. */
export function StartSize({ document, offer }: StartSizeProps) {
  const { desk } = useMessages();
  const actions = useActions();
  const sizes = [offer.frame, ...(offer.frames ?? [])];
  const chosen = inSize(sizeOfPictures(document) ?? offer.frame);
  if (sizes.length === 1 || !isSizeOpen(document)) return <span className="quiet facts-size">{chosen}</span>;
  return (
    <select
      className="compare-pick push"
      aria-label={desk.startSize}
      value={chosen}
      onChange={({ target }) => {
        const size = sizes.find((one) => inSize(one) === target.value);
        if (size !== undefined) actions.setStartSize({ width: size.width, height: size.height });
      }}
    >
      {sizes.map((size) => (
        <option key={inSize(size)} value={inSize(size)}>
          {inSize(size)}
        </option>
      ))}
    </select>
  );
}
