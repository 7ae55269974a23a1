/** MP4 of a picture sequence through ffmpeg compiled to WebAssembly, loaded from our own origin. */

/** The part of `FFmpeg` from @ffmpeg/ffmpeg that is used here. */
export interface Ffmpeg {
  writeFile(path: string, data: Uint8Array): Promise<unknown>;
  exec(args: string[]): Promise<number>;
  readFile(path: string): Promise<Uint8Array | string>;
  on(event: 'progress', listener: (event: { progress: number }) => void): void;
  on(event: 'log', listener: (event: { message: string }) => void): void;
  terminate(): void;
}

/** Resolves to a fresh, loaded instance; its caller terminates it. */
export type LoadFfmpeg = (signal: AbortSignal) => Promise<Ffmpeg>;
