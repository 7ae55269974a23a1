/** Reads a video back: its samples from the container, its pictures through the browser's decoder. */
import type { Page } from '@playwright/test';

interface Video {
  readonly width: number;
  readonly height: number;
  /** Seconds. */
  readonly duration: number;
  /** PNG of the pictures at the asked times. */
  readonly pictures: readonly Buffer[];
}

/** Number of coded pictures: the sample size box holds a version, one common size and then their count. */
export function sampleCount(mp4: Buffer): number {
  const at = mp4.indexOf('stsz');
  if (at < 0) throw new Error('The file has no sample size box, so it is no MP4.');
  return mp4.readUInt32BE(at + 12);
}

export async function videoPictures(page: Page, mp4: Buffer, seconds: readonly number[]): Promise<Video> {
  const { pictures, ...facts } = await page.evaluate(
    async ({ bytes, seconds }) => {
      const video = document.createElement('video');
      video.muted = true;
      const next = async (type: string) =>
        new Promise((resolve, reject) => {
          video.addEventListener(type, resolve, { once: true });
          video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
        });
      const isLoaded = next('loadeddata');
      video.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'video/mp4' }));
      await isLoaded;
      const { videoWidth: width, videoHeight: height, duration } = video;
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width, height });
      const pictures: string[] = [];
      for (const time of seconds) {
        const isThere = next('seeked');
        video.currentTime = time;
        await isThere;
        canvas.getContext('2d')?.drawImage(video, 0, 0);
        pictures.push(canvas.toDataURL('image/png').split(',')[1] ?? '');
      }
      return { width, height, duration, pictures };
    },
    { bytes: [...mp4], seconds },
  );
  return { ...facts, pictures: pictures.map((base64) => Buffer.from(base64, 'base64')) };
}
