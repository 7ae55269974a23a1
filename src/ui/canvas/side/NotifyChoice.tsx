import { useState } from 'react';

import { useMessages } from '../../messages/useMessages.ts';
import { usePage, useView } from '../../page.ts';

/** Whether the browser tells the person of the end while they look elsewhere; asked for only when it is chosen. */
export function NotifyChoice() {
  const { notifier, view } = usePage();
  const { side } = useMessages();
  const isNotifying = useView((state) => state.isNotifying);
  const [isRefused, setIsRefused] = useState(false);
  if (notifier === null) return null;
  const choose = async (isWanted: boolean): Promise<void> => {
    const isAllowed = isWanted && (await notifier.ask());
    setIsRefused(isWanted && !isAllowed);
    view.setState({ isNotifying: isAllowed });
  };
  return (
    <>
      <label className="choice" title={side.notifyTitle}>
        <input
          type="checkbox"
          checked={isNotifying}
          onChange={(event) => void choose(event.target.checked)}
        />
        <span>{side.notify}</span>
      </label>
      {isRefused && <p role="status">{side.notifyRefused}</p>}
    </>
  );
}
