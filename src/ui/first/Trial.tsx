import { useEffect, useState } from 'react';

import type { DeviceReport } from '../../runtime/contract.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useEditor, usePage } from '../page.ts';
import { whileShown } from '../whileShown.ts';
import { inBytes } from '../words.ts';

/** One sentence on what loading the model will do here, found out by trying before anything is fetched. */
export function Trial() {
  const { tryDevice } = usePage();
  const m = useMessages().first.trial;
  const isIdle = useEditor(({ model }) => model.status === 'idle');
  const [report, setReport] = useState<DeviceReport | 'untold' | null>(null);
  useEffect(() => {
    if (!isIdle || report !== null) return undefined;
    // A device that cannot even be asked says so when the model is loaded.
    return whileShown(
      tryDevice().catch(() => 'untold' as const),
      setReport,
    );
  }, [isIdle, report, tryDevice]);
  if (!isIdle || report === 'untold') return null;
  return (
    <p className="load-note" role="status">
      {report === null ? m.trying : sentenceOf(report, m)}
    </p>
  );
}

function sentenceOf(report: DeviceReport, m: ReturnType<typeof useMessages>['first']['trial']): string {
  const { backend, detail, reason, downloadBytes, graphicsBytes } = report;
  const why = reason === null ? '' : m.reasons[reason];
  if (backend === null) return m.nowhere(why);
  return backend === 'webgpu'
    ? m.graphics(inBytes(downloadBytes), detail, inBytes(graphicsBytes))
    : m.processor(inBytes(downloadBytes), why);
}
