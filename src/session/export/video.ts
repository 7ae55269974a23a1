/** A picture sequence as MP4, GIF or animated PNG, through ffmpeg compiled to WebAssembly, loaded from our own origin. */
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

/** How a film is stored. The animations run round and round. */
export const videoFormats = {
  mp4: { type: 'video/mp4', extension: 'mp4' },
  gif: { type: 'image/gif', extension: 'gif' },
  /** Every pixel as it is, which a GIF's 256 colours and the lossy video are not. */
  apng: { type: 'image/apng', extension: 'png' },
} as const;

export type VideoFormat = keyof typeof videoFormats;

export interface VideoOptions {
  readonly format: VideoFormat;
  readonly frames: readonly VideoFrame[];
  /**
   * Size of the first frame in pixels; others are fitted with black bars. An odd side of an MP4 loses a row or column.
   */
  readonly width: number;
  readonly height: number;
  /** Written into the file, where players show it. */
  readonly title?: string;
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
 * Resolves to the bytes of the film, an MP4 as H.264 (yuv420p, bt709). `onProgress` gets fractions from 0 to 1.
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
    const video = await ffmpeg.readFile(outFile(options));
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

function outFile({ format }: VideoOptions): string {
  return `out.${videoFormats[format].extension}`;
}

function frameFile(index: number): string {
  return `frame${index}.png`;
}

/** List for ffmpeg's concat demuxer, which ignores the duration of its last entry: the last frame stands twice. */
function playlistOf(frames: readonly VideoFrame[]): string {
  const lines = frames.map(({ seconds }, i) => `file '${frameFile(i)}'\nduration ${seconds}\n`);
  return `ffconcat version 1.0\n${lines.join('')}file '${frameFile(frames.length - 1)}'\n`;
}

function argumentsFor(options: VideoOptions): string[] {
  const { format, frames } = options;
  const seconds = frames.reduce((sum, frame) => sum + frame.seconds, 0);
  const input = '-f concat -safe 0 -i frames.txt'.split(' ');
  const output = ['-t', String(seconds), ...mark(options), outFile(options)];
  const last = Math.round((frames.at(-1)?.seconds ?? 0) * 100);
  switch (format) {
    case 'mp4':
      return [...input, ...mp4Arguments(options), ...output];
    case 'gif':
      // One palette for all, so that a colour stays the same from picture to picture.
      return [
        ...input,
        '-filter_complex',
        `${fitted(options)},split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=sierra2_4a:diff_mode=rectangle`,
        ...`-loop 0 -final_delay ${last}`.split(' '),
        ...output,
      ];
    case 'apng':
      return [
        ...input,
        '-vf',
        fitted(options),
        ...`-plays 0 -final_delay ${last}/100 -f apng`.split(' '),
        ...output,
      ];
  }
}

/** Says in the file itself that a model made it; a GIF has no place for that. */
function mark({ title = '' }: VideoOptions): readonly string[] {
  const comment = 'With pictures that an AI model made (Palimpsest).';
  return ['-metadata', `title=${title}`, '-metadata', `comment=${comment}`];
}

/** Filters that bring every picture to one size. */
function fitted({ width, height }: VideoOptions, scaling = ''): string {
  return [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=lanczos${scaling}`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
    'setsar=1',
  ].join(',');
}

function mp4Arguments(options: VideoOptions): string[] {
  const { width, height } = options;
  const even = { ...options, width: width - (width % 2), height: height - (height % 2) };
  const filters = [
    `fps=${framesPerSecond}`,
    fitted(even, ':out_color_matrix=bt709:out_range=tv'),
    'format=yuv420p',
  ];
  // Without B-frames, which would bleed the next picture's colour into the frames before a cut.
  const encoder = '-c:v libx264 -preset medium -tune stillimage -crf 16 -bf 0';
  const colours = '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv';
  return ['-vf', filters.join(','), ...`${encoder} ${colours} -movflags +faststart -an`.split(' ')];
}
