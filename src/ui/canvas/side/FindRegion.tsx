import type { SessionDocument } from '../../../session/document.ts';
import { canUseRegions } from '../../abilities.ts';
import { useMessages } from '../../messages/useMessages.ts';
import { useActions, usePage } from '../../page.ts';
import { Icon } from '../../parts/Icon.tsx';
import { useKeyText } from '../../useKeyText.ts';
import { findBlock } from './finding.ts';

interface FindRegionProps {
  readonly document: SessionDocument;
}

/** The region from the words, before any picture is made; where that cannot be, a sentence and no button. */
export function FindRegion({ document }: FindRegionProps) {
  const { offer } = usePage();
  const actions = useActions();
  const { failure, side } = useMessages();
  const key = useKeyText('find');
  const block = findBlock(document, offer, 'now');
  if (block === 'unable') {
    return canUseRegions(offer) ? <p className="side-hint">{side.cannotFind}</p> : null;
  }
  if (block === 'no-words') return <p className="side-hint">{side.findNeedsWords}</p>;
  if (block !== null) return <p className="side-hint">{failure(block.happened)}</p>;
  return (
    <button
      type="button"
      className="word-button is-edged find-region"
      title={side.findTitle}
      onClick={() => void actions.findRegionNow()}
    >
      <Icon name="find" />
      <span>{side.findFromWords}</span>
      {key !== '' && <kbd>{key}</kbd>}
    </button>
  );
}
