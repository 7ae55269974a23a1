/** Hands out the open session as files: the session itself, its pictures, a video. */
import type { EditorActions, ExportedFile } from './actions.ts';
import type { Context } from './context.ts';
import { type NodeId, frameAt, pathTo } from './document.ts';
import { datedName, numbered } from './export/fileNames.ts';
import { framesZip } from './export/framesZip.ts';
import { notePicture } from './export/pictureNote.ts';
import { sessionFileExtension, sessionFileType, writeSessionFile } from './export/sessionFile.ts';
import { VideoError, encodeVideo } from './export/video.ts';
import { videoFailure } from './messages.ts';
import { type Shot, playedShots, storyOf } from './story.ts';

type ExportActions = Pick<
  EditorActions,
  'exportFile' | 'exportFrames' | 'exportPicture' | 'exportVideo' | 'cancelVideo'
>;

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

  function exportPicture(place: NodeId, hasRecipe = true): ExportedFile | null {
    const document = context.document();
    const frame = document === null ? null : frameAt(document, place);
    const bytes = frame === null ? undefined : context.blobs().bytesOf(frame.hash);
    if (document === null || bytes === undefined) return null;
    const path = pathTo(document, place);
    const turn = path.at(-1);
    const name = turn === undefined ? 't000' : `t${numbered(path.length)}_s${turn.seed}`;
    const isAllMade = document.root.kind === 'words';
    const noted = turn === undefined ? bytes : notePicture(bytes, { turn, isAllMade, hasRecipe });
    return { name: `${datedName(document.name, now())}_${name}.png`, type: 'image/png', bytes: noted };
  }

  async function exportVideo(secondsPerFrame?: number): Promise<ExportedFile | null> {
    const document = context.document();
    if (document === null || encoding !== null) return null;
    encoding = new AbortController();
    context.set({ video: { status: 'encoding', fraction: 0 } });
    try {
      const options = videoOptions(playedShots(storyOf(document, document.current, secondsPerFrame)));
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

  /** The frames of a clip share its time among them, so that it moves at its own pace. */
  function videoOptions(shots: readonly Shot[]): Parameters<typeof encodeVideo>[0] {
    const shown = shots.flatMap(({ frames, seconds }) =>
      frames.map((ref) => ({ ref, seconds: seconds / frames.length })),
    );
    const frames = shown.flatMap(({ ref, seconds }) => {
      const png = context.blobs().bytesOf(ref.hash);
      return png === undefined ? [] : [{ png, seconds }];
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
