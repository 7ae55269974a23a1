import type { CSSProperties } from 'react';

interface OptionSliderProps {
  readonly label: string;
  readonly title?: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  /** The value in words, as it stands beside the slider. */
  readonly text: string;
  readonly onChange: (value: number) => void;
}

/** A slider that always shows its value; Shift with an arrow key moves it by ten. */
export function OptionSlider({ label, title, min, max, value, text, onChange }: OptionSliderProps) {
  const part = ((value - min) / (max - min)) * 100;
  return (
    <label className="option-slider" title={title}>
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        value={value}
        aria-valuetext={text}
        style={{ '--part': `${part}%` } as CSSProperties}
        onChange={(event) => onChange(event.target.valueAsNumber)}
        onKeyDown={(event) => {
          const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
          if (direction === undefined || !event.shiftKey) return;
          event.preventDefault();
          onChange(Math.min(Math.max(value + direction * 10, min), max));
        }}
      />
      <span className="option-value" aria-hidden="true">
        {text}
      </span>
    </label>
  );
}
