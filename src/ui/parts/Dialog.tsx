import { useEffect, useId, useRef, type ReactNode } from 'react';

import { useMessages } from '../messages/useMessages.ts';
import { Icon } from './Icon.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** At the right edge on wide screens, else in the middle. */
  readonly isSide?: boolean;
}

/** Of a group of choices the chosen one. */
const FIRST = ['input:not([type=radio])', 'input:checked', 'select', 'button']
  .map((control) => `.dialog-head ~ * ${control}, .dialog-head ~ ${control}`)
  .join();

/** A modal dialog: the browser holds the focus inside and gives it back on closing. */
export function Dialog({ title, onClose, children, isSide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const m = useMessages();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    // The browser takes the first button, which closes; one comes for what stands under the head.
    dialog?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={isSide ? 'dialog is-side' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-body">
        <div className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label={m.close}
            title={m.closeTitle}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
