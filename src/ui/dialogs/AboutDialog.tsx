import type { ModelManifest } from '../../runtime/contract.ts';
import { useEditor, usePage } from '../page.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { countOf, inBytes, inSize } from '../words.ts';

type Unit = 'share' | 'dB' | 'count';

/** The numbers that the training report is known to hold, in the words of the page. */
const MEASURES: Readonly<Record<string, readonly [words: string, unit: Unit]>> = {
  single_turn_success: ['Edits done right', 'share'],
  turn_3_success: ['Three turns in a row, all right', 'share'],
  turn_5_success: ['Five turns in a row, all right', 'share'],
  drawn_region_success: ['Edits done right in a drawn region', 'share'],
  from_words_success: ['Pictures from words done right', 'share'],
  psnr_outside_db: ['Likeness outside the change', 'dB'],
  psnr_outside_vae_db: ['The same for the autoencoder alone', 'dB'],
  sessions: ['New scenes measured on', 'count'],
  steps: ['Steps per edit', 'count'],
  seed: ['Seed of the scenes', 'count'],
};

const CAPABILITIES: Readonly<Record<string, string>> = {
  'next-image': 'edit a picture',
  'drawn-region': 'edit a drawn region',
  'text-to-image': 'make a picture from words',
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
  const model = useEditor((state) => state.model);
  const manifest = model.status === 'ready' ? model.info.manifest : offer;
  const close = (): void => view.setState({ dialog: null });
  const where =
    model.status === 'ready'
      ? `${model.info.backend === 'webgpu' ? 'Graphics card through WebGPU' : 'Processor through WASM'}: ${model.info.backendDetail}`
      : device.adapter === null
        ? `Processor through WASM, once loaded. ${device.reason}`
        : `Graphics card through WebGPU, once loaded: ${device.adapter}`;
  if (typeof manifest === 'string') {
    return (
      <Dialog title="What the model knows" onClose={close}>
        <p>{manifest}</p>
      </Dialog>
    );
  }
  return (
    <Dialog title="What the model knows" onClose={close}>
      <p className="dialog-lead">
        {`${manifest.title} was trained by this project on drawn scenes only. It knows the words below and no photographs.`}
      </p>
      <World world={manifest.world} />
      <section>
        <h3>Measured</h3>
        <dl className="number-list">
          {Object.entries(manifest.quality).map(([name, value]) => {
            const [words, unit] = MEASURES[name] ?? [metricWords(name), 'count'];
            return (
              <div key={name}>
                <dt>{words}</dt>
                <dd>{metricNumber(value, unit)}</dd>
              </div>
            );
          })}
        </dl>
        {Object.keys(manifest.quality).length === 0 && (
          <p className="quiet">No measurements came with this model.</p>
        )}
      </section>
      <section>
        <h3>Model</h3>
        <dl className="number-list">
          <div>
            <dt>Runs on</dt>
            <dd>{where}</dd>
          </div>
          <div>
            <dt>Frame</dt>
            <dd>{`${inSize(manifest.frame)}, ${countOf(manifest.frame.tokens, 'token', 'tokens')}`}</dd>
          </div>
          <div>
            <dt>Network</dt>
            <dd>{`${countOf(manifest.architecture.layers, 'layer', 'layers')}, width ${manifest.architecture.width}`}</dd>
          </div>
          <div>
            <dt>Size</dt>
            <dd>{`${inBytes(manifest.files.reduce((sum, file) => sum + file.bytes, 0))}, ${countOf(manifest.files.length, 'file', 'files')}`}</dd>
          </div>
          <div>
            <dt>Can do</dt>
            <dd>{manifest.capabilities.map((name) => CAPABILITIES[name] ?? metricWords(name)).join(', ')}</dd>
          </div>
          <div>
            <dt>Licence</dt>
            <dd>{manifest.license}</dd>
          </div>
          <div>
            <dt>Trained by commit</dt>
            <dd>{manifest.trainingCommit.slice(0, 12)}</dd>
          </div>
        </dl>
      </section>
    </Dialog>
  );
}

function World({ world }: { readonly world: ModelManifest['world'] }) {
  const lists = [
    ['Things', world.objects],
    ['Places in the picture', world.places],
    ['Backgrounds', world.backgrounds],
    ['Sizes', world.sizes],
    ['Styles', world.styles],
  ] as const;
  return (
    <section>
      <h3>Words</h3>
      <dl className="word-lists">
        {lists.map(
          ([name, words]) =>
            words.length > 0 && (
              <div key={name}>
                <dt>{`${name}, ${words.length}`}</dt>
                <dd>{words.join(', ')}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
