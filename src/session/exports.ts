/** Hands out the open session as files: the session itself, its pictures, a video. */
import type { EditorActions, ExportedFile, PictureAlong } from './actions.ts';
import type { Context } from './context.ts';
import type { NodeId } from './document.ts';
import { datedName, numbered } from './export/fileNames.ts';
import { framesZip } from './export/framesZip.ts';
import { openRaster, openRasterType } from './export/openRaster.ts';
import { notePicture } from './export/pictureNote.ts';
import { withSession } from './export/pictureSession.ts';
import { sessionFileExtension, sessionFileType, writeSessionFile } from './export/sessionFile.ts';
import {
  type VideoFormat,
  type VideoOptions,
  VideoError,
  encodeVideo,
  videoFormats,
} from './export/video.ts';
import { videoFailure } from './messages.ts';
import { type Shot, playedShots, storyOf } from './story.ts';
import { frameAt, pathTo } from './tree.ts';

type ExportActions = Pick<
  EditorActions,
  'exportFile' | 'exportFrames' | 'exportOpenRaster' | 'exportPicture' | 'exportVideo' | 'cancelVideo'
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

  function exportOpenRaster(place: NodeId): ExportedFile | null {
    const document = context.document();
    const bytes = document === null ? null : openRaster(document, place, context.blobs());
    if (document === null || bytes === null) return null;
    return { name: `${datedName(document.name, now())}.ora`, type: openRasterType, bytes };
  }

  function exportPicture(place: NodeId, along: PictureAlong = 'recipe'): ExportedFile | null {
    const document = context.document();
    const frame = document === null ? null : frameAt(document, place);
    const bytes = frame === null ? undefined : context.blobs().bytesOf(frame.hash);
    if (document === null || bytes === undefined) return null;
    const path = pathTo(document, place);
    const turn = path.at(-1);
    const name = turn === undefined ? 't000' : `t${numbered(path.length)}_s${turn.seed}`;
    const isAllMade = document.root.kind === 'words';
    const hasRecipe = along !== 'nothing';
    const marked = turn === undefined ? bytes : notePicture(bytes, { turn, isAllMade, hasRecipe });
    const noted =
      along === 'session' ? withSession(marked, writeSessionFile(document, context.blobs(), now())) : marked;
    return { name: `${datedName(document.name, now())}_${name}.png`, type: 'image/png', bytes: noted };
  }

  async function exportVideo(format: VideoFormat, secondsPerFrame?: number): Promise<ExportedFile | null> {
    const document = context.document();
    if (document === null || encoding !== null) return null;
    encoding = new AbortController();
    context.set({ video: { status: 'encoding', fraction: 0 } });
    try {
      const shots = playedShots(storyOf(document, document.current, secondsPerFrame));
      const options = { ...videoOptions(format, shots), title: document.name };
      const onProgress = (fraction: number): void => {
        context.set({ video: { status: 'encoding', fraction } });
      };
      const bytes = await encodeVideo(options, loadFfmpeg, onProgress, encoding.signal);
      context.set({ video: { status: 'idle' } });
      const { type, extension } = videoFormats[format];
      return { name: `${datedName(document.name, now())}.${extension}`, type, bytes };
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
  function videoOptions(format: VideoFormat, shots: readonly Shot[]): VideoOptions {
    const shown = shots.flatMap(({ frames, seconds }) =>
      frames.map((ref) => ({ ref, seconds: seconds / frames.length })),
    );
    const frames = shown.flatMap(({ ref, seconds }) => {
      const png = context.blobs().bytesOf(ref.hash);
      return png === undefined ? [] : [{ png, seconds }];
    });
    const size = shown[0]?.ref;
    return { format, frames, width: size?.width ?? 0, height: size?.height ?? 0 };
  }

  return {
    exportFile,
    exportFrames,
    exportOpenRaster,
    exportPicture,
    exportVideo: (format, seconds) => context.track(exportVideo(format, seconds)),
    cancelVideo: () => {
      encoding?.abort();
    },
  };
}
