import { useState } from 'react';

import type { Failure } from '../../session/state.ts';
import { useMessages } from '../messages/useMessages.ts';
import { usePage } from '../page.ts';
import { reportOf } from '../report.ts';

interface CopyReportProps {
  /** Null where nothing in particular went wrong. */
  readonly failure: Failure | null;
}

/** Puts a report on the clipboard; where the browser keeps that from the page, the text itself appears to be copied. */
export function CopyReport({ failure }: CopyReportProps) {
  const page = usePage();
  const { report: m } = useMessages();
  const [copied, setCopied] = useState<boolean | string>(false);
  const copy = async (): Promise<void> => {
    const text = reportOf(page, failure);
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(text);
    }
  };
  return (
    <div className="report">
      <button type="button" className="word-button is-edged" title={m.title} onClick={() => void copy()}>
        {m.copy}
      </button>
      <span className="quiet small" role="status">
        {copied === true ? m.copied : m.title}
      </span>
      {typeof copied === 'string' && (
        <textarea className="text-input" aria-label={m.text} readOnly rows={6} value={copied} />
      )}
    </div>
  );
}
