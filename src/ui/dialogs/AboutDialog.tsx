import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/useMessages.ts';
import { bytesOfModel } from '../modelFacts.ts';
import { useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { KnownWords } from '../parts/KnownWords.tsx';
import { ModelChoice } from '../parts/ModelChoice.tsx';
import { inBytes, inSize } from '../words.ts';
import { Benchmark } from './Benchmark.tsx';
import { StoredHere } from './StoredHere.tsx';

type Unit = 'share' | 'dB' | 'count';

/** The numbers that the training report is known to hold; the page has words for each. */
const UNITS: Readonly<Record<keyof Messages['about']['measures'], Unit>> = {
  single_turn_success: 'share',
  turn_3_success: 'share',
  turn_5_success: 'share',
  drawn_region_success: 'share',
  from_words_success: 'share',
  psnr_outside_db: 'dB',
  psnr_outside_vae_db: 'dB',
  sessions: 'count',
  steps: 'count',
  seed: 'count',
};

/** Other names are written as words, and their numbers left alone. */
function metricWords(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([a-z])(\d)/gi, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
    .replace(/\b(psnr|ssim|iou)\b/g, (name) => name.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function metricNumber(value: number, unit: Unit): string {
  if (unit === 'share') return `${(value * 100).toFixed(1)}\u00a0%`;
  const digits = unit === 'dB' ? 1 : 3;
  const number = value.toLocaleString('en-GB', { maximumFractionDigits: digits });
  return unit === 'dB' ? `${number}\u00a0dB` : number;
}

export function AboutDialog() {
  const { view, offer, device } = usePage();
  const m = useMessages();
  const about = m.about;
  const capabilities: Readonly<Record<string, string>> = about.capabilities;
  const measures: Readonly<Record<string, string>> = about.measures;
  const units: Readonly<Record<string, Unit>> = UNITS;
  const model = useEditor((state) => state.model);
  const manifest = model.status === 'ready' ? model.info.manifest : offer;
  const close = (): void => view.setState({ dialog: null });
  const where =
    model.status === 'ready'
      ? (model.info.backend === 'webgpu' ? about.onGpu : about.onProcessor)(model.info.backendDetail)
      : device.reason === null
        ? about.willUseGpu(device.adapter ?? '')
        : about.willUseProcessor(m.first.noGpu[device.reason]);
  if (typeof manifest === 'string') {
    return (
      <Dialog title={m.whatModelKnows} onClose={close}>
        <p>{m.load.unreadable(manifest)}</p>
        <StoredHere />
      </Dialog>
    );
  }
  return (
    <Dialog title={m.whatModelKnows} onClose={close}>
      <p className="dialog-lead">{about.lead(manifest.title)}</p>
      <ModelChoice />
      <section>
        <h3>{about.words}</h3>
        <KnownWords world={manifest.world} />
      </section>
      <section>
        <h3>{about.measured}</h3>
        <dl className="number-list">
          {Object.entries(manifest.quality).map(([name, value]) => {
            const words = measures[name];
            return (
              <div key={name}>
                <dt lang={words === undefined ? 'en' : undefined}>{words ?? metricWords(name)}</dt>
                <dd>{metricNumber(value, units[name] ?? 'count')}</dd>
              </div>
            );
          })}
        </dl>
        {Object.keys(manifest.quality).length === 0 && <p className="quiet">{about.noMeasures}</p>}
      </section>
      <section>
        <h3>{about.model}</h3>
        <dl className="number-list">
          <div>
            <dt>{about.runsOn}</dt>
            <dd>{where}</dd>
          </div>
          <div>
            <dt>{about.frame}</dt>
            <dd>{about.frameOf(inSize(manifest.frame), manifest.frame.tokens)}</dd>
          </div>
          {manifest.frames !== undefined && manifest.frames.length > 0 && (
            <div>
              <dt>{about.otherFrames}</dt>
              <dd>{manifest.frames.map(inSize).join(m.comma)}</dd>
            </div>
          )}
          <div>
            <dt>{about.network}</dt>
            <dd>{about.networkOf(manifest.architecture.layers, manifest.architecture.width)}</dd>
          </div>
          <div>
            <dt>{about.size}</dt>
            <dd>{about.sizeOf(inBytes(bytesOfModel(manifest)), manifest.files.length)}</dd>
          </div>
          <div>
            <dt>{about.canDo}</dt>
            <dd>
              {manifest.capabilities.map((name) => capabilities[name] ?? metricWords(name)).join(m.comma)}
            </dd>
          </div>
          <div>
            <dt>{about.licence}</dt>
            <dd>{manifest.license}</dd>
          </div>
          <div>
            <dt>{about.trainedBy}</dt>
            <dd>{manifest.trainingCommit.slice(0, 12)}</dd>
          </div>
        </dl>
      </section>
      <Benchmark />
      <StoredHere />
    </Dialog>
  );
}
