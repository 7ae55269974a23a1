/**
 * `npm run bench:page -- [--json FILE]`: how soon the page answers the hand. Draws strokes in a real Chromium with a
 * trace running, then makes a turn on the processor. Nothing is judged here: times depend on the machine and on what
 * else runs on it, so the processor's own time for each movement and each task stands beside them.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';

import { chromium, type Browser, type Page } from 'playwright';

import { requireChromium } from '../chromium.ts';
import { printTable, readSwitches, runBench, writeReport } from './report.ts';

const PORT = 4327;
const SCENE = 'Morning at the bay';
const WORDS = 'remove the sailboat';
const TURN_MS = 600_000;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, like those that follow: the wall's, and the processor's on this thread. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: {
    readonly data?: { readonly type?: string };
    readonly id?: string;
    readonly name?: string;
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? Number.NaN;
}

/** Serves the built page until `stop` is called. */
async function serve(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const server = spawn(process.execPath, ['--import', 'tsx', 'scripts/start.ts', '--port', String(PORT)]);
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (text: Buffer) => {
      if (text.includes('Palimpsest is at')) resolve();
    });
    server.on('exit', (code) =>
      reject(new Error(`The server stopped with code ${code}; is port ${PORT} free?`)),
    );
  });
  return { url: `http://localhost:${PORT}/?backend=wasm`, stop: () => server.kill() };
}

/** A wave across the picture, one movement about every 8 ms as from a mouse of 125 Hz. */
async function drawWave(page: Page, moves: number): Promise<void> {
  const box = await page.getByRole('application', { name: 'Picture' }).boundingBox();
  if (box === null) throw new Error('The picture is not on the screen.');
  const at = (part: number): [number, number] => [
    box.x + box.width * (0.1 + 0.8 * part),
    box.y + box.height * (0.5 + 0.3 * Math.sin(part * 12)),
  ];
  await page.mouse.move(...at(0));
  await page.mouse.down();
  for (let move = 1; move <= moves; move++) {
    await page.mouse.move(...at(move / moves));
    await page.waitForTimeout(8);
  }
  await page.mouse.up();
}

/** All in milliseconds; a movement is what the page is given of the pointer in one frame. */
interface Strokes {
  readonly brush: string;
  readonly movements: number;
  /** From the moment the page is given a movement to the presentation of the frame that shows it. */
  readonly pixelMedianMs: number;
  readonly pixel95Ms: number;
  /** The processor's time in the handler of a movement, with React's. */
  readonly handlerMedianMs: number;
  readonly handler95Ms: number;
  readonly longestTaskMs: number;
  readonly longestTaskProcessorMs: number;
}

/** In the order of their times. */
function eventsOf(trace: Buffer): readonly TraceEvent[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  return traceEvents.toSorted((a, b) => a.ts - b.ts);
}

/** The tasks of the thread that `event` was on. */
function tasksBeside(events: readonly TraceEvent[], event: TraceEvent): readonly TraceEvent[] {
  return events.filter(
    ({ name, pid, tid }) => name.endsWith('RunTask') && pid === event.pid && tid === event.tid,
  );
}

function readTrace(trace: Buffer, brush: string): Strokes {
  const events = eventsOf(trace);
  const moves = events.filter(
    ({ name, args }) => name === 'EventDispatch' && args.data?.type === 'pointermove',
  );
  const [first] = moves;
  if (first === undefined) throw new Error('The trace holds no movement of the pointer.');
  const own = events.filter(({ pid }) => pid === first.pid);
  const presented = new Map<string, number>();
  for (const { name, args, ts } of own) {
    if (name === 'AnimationFrame::Presentation' && args.id !== undefined) presented.set(args.id, ts);
  }
  const frames = own.filter(({ name, ph }) => name === 'AnimationFrame' && ph === 'b');
  const toPixel = moves.flatMap((move) => {
    // Movements are handed over at the beginning of a frame, or before it; the frame that shows one ends after it.
    const around = [frames.findLast(({ ts }) => ts <= move.ts), frames.find(({ ts }) => ts > move.ts)];
    const shown = around
      .map((frame) => presented.get(frame?.args.id ?? ''))
      .find((at) => at !== undefined && at > move.ts + (move.dur ?? 0));
    return shown === undefined ? [] : [(shown - move.ts) / 1000];
  });
  const handlers = moves.map(({ tdur }) => (tdur ?? 0) / 1000);
  const tasks = tasksBeside(events, first);
  return {
    brush,
    movements: moves.length,
    pixelMedianMs: quantile(toPixel, 0.5),
    pixel95Ms: quantile(toPixel, 0.95),
    handlerMedianMs: quantile(handlers, 0.5),
    handler95Ms: quantile(handlers, 0.95),
    longestTaskMs: Math.max(...tasks.map(({ dur }) => (dur ?? 0) / 1000)),
    longestTaskProcessorMs: Math.max(...tasks.map(({ tdur }) => (tdur ?? 0) / 1000)),
  };
}

async function traceStrokes(browser: Browser, page: Page, brush: string): Promise<Strokes> {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel'] });
  for (let stroke = 0; stroke < 3; stroke++) await drawWave(page, 120);
  return readTrace(await browser.stopTracing(), brush);
}

interface TurnTasks {
  /** Tasks of the main thread by the wall's time, in milliseconds, and the longest by the processor's. */
  readonly tasksAbove50Ms: number;
  readonly longestTaskMs: number;
  readonly tasksAbove50ProcessorMs: number;
  readonly longestTaskProcessorMs: number;
}

function readTurn(trace: Buffer): TurnTasks {
  const events = eventsOf(trace);
  const press = events.find(({ name, args }) => name === 'EventDispatch' && args.data?.type === 'keydown');
  if (press === undefined) throw new Error('The trace holds no press of a key.');
  // What comes before the press is the start of the trace itself.
  const tasks = tasksBeside(events, press).filter(({ ts, dur = 0 }) => ts + dur > press.ts);
  const ms = (of: 'dur' | 'tdur'): readonly number[] => tasks.map((task) => (task[of] ?? 0) / 1000);
  const long = (times: readonly number[]): number => times.filter((time) => time > 50).length;
  return {
    tasksAbove50Ms: long(ms('dur')),
    longestTaskMs: Math.max(0, ...ms('dur')),
    tasksAbove50ProcessorMs: long(ms('tdur')),
    longestTaskProcessorMs: Math.max(0, ...ms('tdur')),
  };
}

/** Tasks of the page's main thread while a turn is made, from the key press to the picture in the history. */
async function traceTurn(browser: Browser, page: Page): Promise<TurnTasks> {
  await page.getByRole('button', { name: /^Load the model/ }).click();
  const ready = page.getByRole('button', { name: /, ready/ });
  await ready.waitFor({ timeout: TURN_MS });
  const field = page.getByRole('textbox', { name: 'What should change' });
  await field.fill(WORDS);
  await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel'] });
  await field.press('Control+Enter');
  await page.getByRole('progressbar', { name: 'Turn 1' }).waitFor();
  await ready.waitFor({ timeout: TURN_MS });
  await page.waitForTimeout(1000);
  return readTurn(await browser.stopTracing());
}

await runBench(async () => {
  const { json } = readSwitches();
  const { url, stop } = await serve();
  const browser = await chromium.launch({ executablePath: requireChromium(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await page.getByRole('button', { name: SCENE }).click();
    await page.getByRole('button', { name: 'Brush', exact: true }).click();
    // The first strokes warm up; they are not counted.
    await drawWave(page, 60);
    const hard = await traceStrokes(browser, page, 'hard, 24 px');
    await page.getByRole('slider', { name: 'Soft', exact: true }).fill('80');
    await page.getByRole('slider', { name: 'Size', exact: true }).fill('64');
    const soft = await traceStrokes(browser, page, 'soft, 64 px');
    const turn = await traceTurn(browser, page);
    printTable([hard, soft]);
    printTable([turn]);
    const load = loadavg()[0] ?? 0;
    console.log(`Chromium ${browser.version()}, load of the machine ${load.toFixed(1)}`);
    await writeReport(json, `Chromium ${browser.version()}`, { load, strokes: [hard, soft], turn });
  } finally {
    await browser.close();
    stop();
  }
});
