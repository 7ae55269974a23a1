import { useId } from 'react';

interface SegmentsProps<Value extends string | number> {
  readonly label: string;
  readonly value: Value;
  /** `tag`: the language of the text where it is not that of the page. */
  readonly options: readonly { readonly value: Value; readonly text: string; readonly tag?: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of a few, all of them in sight. */
export function Segments<Value extends string | number>({
  label,
  value,
  options,
  onChange,
}: SegmentsProps<Value>) {
  const name = useId();
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span lang={option.tag}>{option.text}</span>
        </label>
      ))}
    </div>
  );
}
