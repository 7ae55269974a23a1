/** Hands out the open session as files: the session itself, its pictures, a video. */
import type { EditorActions, ExportedFile } from './actions.ts';
import type { Context } from './context.ts';
import { type NodeId, type SessionDocument, frameAt, pathTo } from './document.ts';
import { datedName, numbered } from './export/fileNames.ts';
import { framesZip } from './export/framesZip.ts';
import { sessionFileExtension, sessionFileType, writeSessionFile } from './export/sessionFile.ts';
import { VideoError, defaultSecondsPerFrame, encodeVideo } from './export/video.ts';
import { videoFailure } from './messages.ts';

type ExportActions = Pick<
  EditorActions,
  'exportFile' | 'exportFrames' | 'exportPicture' | 'exportVideo' | 'cancelVideo'
>;

/** The shortest that a video can show a frame. */
const leastSeconds = 0.04;

export function createExportActions(context: Context): ExportActions {
  const { now, loadFfmpeg } = context.ports;
  let encoding: AbortController | null = null;

  function exportFile(): ExportedFile | null {
    const document = context.document();
    if (document === null) return null;
    const bytes = writeSessionFile(document, context.blobs(), now());
    return {
      name: `${datedName(document.name, now())}${sessionFileExtension}`,
      type: sessionFileType,
      bytes,
    };
  }

  function exportFrames(): ExportedFile | null {
    const document = context.document();
    if (document === null) return null;
    const bytes = framesZip(document, document.current, context.blobs());
    return { name: `${datedName(document.name, now())}.zip`, type: 'application/zip', bytes };
  }

  function exportPicture(place: NodeId): ExportedFile | null {
    const document = context.document();
    const frame = document === null ? null : frameAt(document, place);
    const bytes = frame === null ? undefined : context.blobs().bytesOf(frame.hash);
    if (document === null || bytes === undefined) return null;
    const path = pathTo(document, place);
    const seed = path.at(-1)?.seed;
    const turn = seed === undefined ? 't000' : `t${numbered(path.length)}_s${seed}`;
    return { name: `${datedName(document.name, now())}_${turn}.png`, type: 'image/png', bytes };
  }

  async function exportVideo(secondsPerFrame = defaultSecondsPerFrame): Promise<ExportedFile | null> {
    const document = context.document();
    if (document === null || encoding !== null) return null;
    encoding = new AbortController();
    context.set({ video: { status: 'encoding', fraction: 0 } });
    try {
      const options = videoOptions(document, secondsPerFrame);
      const onProgress = (fraction: number): void => {
        context.set({ video: { status: 'encoding', fraction } });
      };
      const bytes = await encodeVideo(options, loadFfmpeg, onProgress, encoding.signal);
      context.set({ video: { status: 'idle' } });
      return { name: `${datedName(document.name, now())}.mp4`, type: 'video/mp4', bytes };
    } catch (error) {
      const failed =
        error instanceof VideoError ? error : new VideoError('encode-failed', String(error), '', error);
      const isCancelled = failed.code === 'cancelled';
      context.set({
        video: isCancelled ? { status: 'idle' } : { status: 'failed', failure: videoFailure(failed) },
      });
      return null;
    } finally {
      encoding = null;
    }
  }

  function videoOptions(document: SessionDocument, seconds: number): Parameters<typeof encodeVideo>[0] {
    const { root } = document;
    const made = pathTo(document, document.current).flatMap(({ state }) => {
      if (state.status !== 'done') return [];
      const { frame, clip } = state.result;
      // A whole clip is shown for as long as two pictures, so that it moves.
      const each = clip === undefined ? seconds : Math.max(leastSeconds, (2 * seconds) / clip.length);
      return (clip ?? [{ frame }]).map((one) => ({ ref: one.frame, seconds: each }));
    });
    const shown = root.kind === 'words' ? made : [{ ref: root.frame, seconds }, ...made];
    const frames = shown.flatMap(({ ref, seconds: each }) => {
      const png = context.blobs().bytesOf(ref.hash);
      return png === undefined ? [] : [{ png, seconds: each }];
    });
    const size = shown[0]?.ref;
    return { frames, width: size?.width ?? 0, height: size?.height ?? 0 };
  }

  return {
    exportFile,
    exportFrames,
    exportPicture,
    exportVideo: (seconds) => context.track(exportVideo(seconds)),
    cancelVideo: () => {
      encoding?.abort();
    },
  };
}
