import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { Icon, type IconName } from './Icon.tsx';

interface PopoverProps {
  readonly label: string;
  readonly title: string;
  readonly isDisabled?: boolean;
  readonly className?: string;
  /** Stands instead of the label, which is then said only. */
  readonly icon?: IconName;
  readonly children: ReactNode;
}

/** As wide as the style sheet makes it, with the margin to the edge of the page. */
const WIDTH = 264;
const GAP = 4;

/** A button and a small panel by it that closes with Esc or a press elsewhere. */
export function Popover({ label, title, isDisabled = false, className = '', icon, children }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  /** Towards the middle of the page, so that it fits wherever the button stands. */
  const place = (): void => {
    const box = button.current?.getBoundingClientRect();
    if (box === undefined || panel.current === null) return;
    const isLow = box.top > window.innerHeight / 2;
    Object.assign(panel.current.style, {
      left: `${Math.max(GAP, Math.min(box.left, window.innerWidth - WIDTH))}px`,
      top: isLow ? 'auto' : `${box.bottom + GAP}px`,
      bottom: isLow ? `${window.innerHeight - box.top + GAP}px` : 'auto',
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    // The page would take this Esc for its own and cancel the edit.
    event.preventDefault();
    panel.current?.hidePopover();
    button.current?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- hears the Esc of the parts in it
    <span className="popover-wrap" onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className={`${icon === undefined ? 'word-button' : 'icon-button'} ${className}`}
        aria-label={icon === undefined ? undefined : label}
        title={title}
        disabled={isDisabled}
        popoverTarget={id}
        onClick={place}
      >
        {icon === undefined && label}
        <Icon name={icon ?? 'down'} />
      </button>
      <div
        ref={panel}
        id={id}
        className="popover"
        popover="auto"
        role="group"
        aria-label={label}
        data-open={isOpen || undefined}
        onToggle={(event) => setIsOpen(event.newState === 'open')}
      >
        {children}
      </div>
    </span>
  );
}
