import { useState } from 'react';

import { useMessages } from '../messages/useMessages.ts';
import { isComposing } from '../shortcuts.ts';

interface NumberFieldProps {
  readonly label: string;
  /** Null shows the placeholder. */
  readonly value: number | null;
  readonly placeholder?: string;
  readonly min: number;
  readonly max: number;
  /** 1 unless said; what is typed is rounded to it. */
  readonly step?: number;
  /** Null when the field was emptied. */
  readonly onChange: (value: number | null) => void;
  readonly isLabelShown?: boolean;
  /** The number was changed by something else than typing in this field. */
  readonly isMarked?: boolean;
}

/** A number that may be typed halfway; what leaves the field is within its bounds and a whole number of steps. */
export function NumberField({
  label,
  value,
  placeholder,
  min,
  max,
  step = 1,
  onChange,
  isLabelShown = true,
  isMarked = false,
}: NumberFieldProps) {
  const { parts } = useMessages();
  const [typed, setTyped] = useState<string | null>(null);
  const settle = (): void => {
    if (typed === null) return;
    const number = Math.round(Number.parseFloat(typed.replace(',', '.')) / step) * step;
    onChange(Number.isNaN(number) ? null : Math.min(Math.max(number, min), max));
    setTyped(null);
  };
  return (
    <label
      className={isMarked ? 'field-line is-marked' : 'field-line'}
      title={isMarked ? parts.keptInPicture : undefined}
    >
      <span className={isLabelShown ? undefined : 'spoken-only'}>{label}</span>
      <input
        type="text"
        inputMode={step < 1 ? 'decimal' : 'numeric'}
        value={typed ?? (value === null ? '' : String(value))}
        placeholder={placeholder}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={settle}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            // Else the browser would submit the form around the field.
            event.preventDefault();
            if (!isComposing(event.nativeEvent)) settle();
          }
          const way = event.key === 'ArrowUp' ? step : event.key === 'ArrowDown' ? -step : 0;
          if (way !== 0 && typed === null && value !== null) {
            event.preventDefault();
            onChange(Math.min(Math.max(value + way * (event.shiftKey ? 10 : 1), min), max));
          }
        }}
      />
    </label>
  );
}
