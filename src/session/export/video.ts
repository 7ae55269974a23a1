/** MP4 of a picture sequence through ffmpeg compiled to WebAssembly, loaded from our own origin. */
import { strToU8 } from 'fflate';

import type { Bytes } from '../blobs.ts';

/** The part of `FFmpeg` from @ffmpeg/ffmpeg that is used here. */
export interface Ffmpeg {
  /** Takes the buffer of `data` away from the caller. */
  writeFile(path: string, data: Uint8Array): Promise<unknown>;
  /** Resolves to ffmpeg's exit code. */
  exec(args: string[]): Promise<number>;
  readFile(path: string): Promise<Uint8Array | string>;
  on(event: 'progress', listener: (event: { progress: number }) => void): void;
  on(event: 'log', listener: (event: { message: string }) => void): void;
  /** Calls under way reject. */
  terminate(): void;
}

/** Resolves to a fresh, loaded instance; its caller terminates it. */
export type LoadFfmpeg = (signal: AbortSignal) => Promise<Ffmpeg>;

/** `folder`: absolute URL, ending in a slash, of the ES module build of @ffmpeg/core on our own origin. */
export function ffmpegFrom(folder: string): LoadFfmpeg {
  return async (signal) => {
    const { FFmpeg } = await import('@ffmpeg/ffmpeg');
    const ffmpeg = new FFmpeg();
    try {
      await ffmpeg.load(
        { coreURL: `${folder}ffmpeg-core.js`, wasmURL: `${folder}ffmpeg-core.wasm` },
        { signal },
      );
    } catch (error) {
      ffmpeg.terminate();
      throw error;
    }
    return ffmpeg;
  };
}

export interface VideoFrame {
  readonly png: Bytes;
  readonly seconds: number;
}

export interface VideoOptions {
  readonly frames: readonly VideoFrame[];
  /** Size of the first frame in pixels; odd sizes lose a row or column, others are fitted with black bars. */
  readonly width: number;
  readonly height: number;
}

export type VideoErrorCode = 'cancelled' | 'bad-input' | 'load-failed' | 'encode-failed';

export class VideoError extends Error {
  override readonly name = 'VideoError';
  readonly code: VideoErrorCode;
  /** The last lines that ffmpeg wrote. */
  readonly log: string;
  constructor(code: VideoErrorCode, message: string, log = '', cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.log = log;
  }
}

const framesPerSecond = 25;
const keptLogLines = 40;

/**
 * Resolves to an H.264 MP4 (yuv420p, bt709). `onProgress` gets fractions from 0 to 1.
 * @throws VideoError; code 'cancelled' once `signal` aborts.
 */
export async function encodeVideo(
  options: VideoOptions,
  loadFfmpeg: LoadFfmpeg,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Bytes> {
  checkOptions(options);
  const log: string[] = [];
  const ffmpeg = await load(loadFfmpeg, signal);
  const stop = (): void => {
    ffmpeg.terminate();
  };
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    ffmpeg.on('log', ({ message }) => {
      log.push(message);
      if (log.length > keptLogLines) log.shift();
    });
    ffmpeg.on('progress', ({ progress }) => {
      // ffmpeg reports nonsense before it knows the length of its input.
      if (progress >= 0 && progress <= 1) onProgress(progress);
    });
    for (const [i, { png }] of options.frames.entries()) await ffmpeg.writeFile(frameFile(i), png.slice());
    await ffmpeg.writeFile('frames.txt', strToU8(playlistOf(options.frames)));
    const code = await ffmpeg.exec(argumentsFor(options));
    if (code !== 0) throw new VideoError('encode-failed', `ffmpeg stopped with code ${code}.`);
    const video = await ffmpeg.readFile('out.mp4');
    if (typeof video === 'string') {
      throw new VideoError('encode-failed', 'ffmpeg gave text instead of a video.');
    }
    return video.slice();
  } catch (error) {
    if (signal.aborted) throw new VideoError('cancelled', 'The video was cancelled.');
    const message = error instanceof Error ? error.message : String(error);
    throw new VideoError('encode-failed', message, log.join('\n'), error);
  } finally {
    signal.removeEventListener('abort', stop);
    ffmpeg.terminate();
  }
}

function checkOptions({ frames, width, height }: VideoOptions): void {
  if (frames.length === 0) throw new VideoError('bad-input', 'A video needs at least one picture.');
  if (!(width >= 2 && height >= 2)) {
    throw new VideoError('bad-input', 'A video needs pictures of 2 x 2 pixels or more.');
  }
  if (frames.some(({ seconds }) => !(seconds >= 0.04 && seconds <= 60))) {
    throw new VideoError('bad-input', 'Each picture can be shown for 0.04 to 60 seconds.');
  }
}

async function load(loadFfmpeg: LoadFfmpeg, signal: AbortSignal): Promise<Ffmpeg> {
  try {
    signal.throwIfAborted();
    return await loadFfmpeg(signal);
  } catch (error) {
    if (signal.aborted) throw new VideoError('cancelled', 'The video was cancelled.');
    throw new VideoError('load-failed', 'The video encoder could not be loaded.', '', error);
  }
}

function frameFile(index: number): string {
  return `frame${index}.png`;
}

/** List for ffmpeg's concat demuxer, which ignores the duration of its last entry: the last frame stands twice. */
function playlistOf(frames: readonly VideoFrame[]): string {
  const lines = frames.map(({ seconds }, i) => `file '${frameFile(i)}'\nduration ${seconds}\n`);
  return `ffconcat version 1.0\n${lines.join('')}file '${frameFile(frames.length - 1)}'\n`;
}

function argumentsFor({ frames, width, height }: VideoOptions): string[] {
  const [evenWidth, evenHeight] = [width - (width % 2), height - (height % 2)];
  const filters = [
    `fps=${framesPerSecond}`,
    `scale=${evenWidth}:${evenHeight}:force_original_aspect_ratio=decrease:flags=lanczos:out_color_matrix=bt709:out_range=tv`,
    `pad=${evenWidth}:${evenHeight}:(ow-iw)/2:(oh-ih)/2`,
    'setsar=1',
    'format=yuv420p',
  ];
  const seconds = frames.reduce((sum, frame) => sum + frame.seconds, 0);
  // Without B-frames, which would bleed the next picture's colour into the frames before a cut.
  const encoder = '-c:v libx264 -preset medium -tune stillimage -crf 16 -bf 0';
  const colours = '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv';
  return [
    ...'-f concat -safe 0 -i frames.txt -vf'.split(' '),
    filters.join(','),
    ...`${encoder} ${colours} -t ${seconds} -movflags +faststart -an out.mp4`.split(' '),
  ];
}
