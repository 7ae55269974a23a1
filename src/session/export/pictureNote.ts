/** What a picture says of itself in its own file, so that it is known for what it is wherever it goes. */
import type { Bytes } from '../blobs.ts';
import type { Turn } from '../document.ts';
import { sizeOf, withChunks } from './png.ts';

/** From the words of IPTC for the kind of source of a picture: made from nothing, or made over what was opened. */
const SOURCES = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

export interface PictureNote {
  readonly turn: Turn;
  /** The session began from words, so that nothing in the picture was brought. */
  readonly isAllMade: boolean;
  /** With the words and settings that made it, as other programs read and write them. */
  readonly hasRecipe: boolean;
}

/** The PNG with the mark of a picture that a model made, and with its recipe if it is to have one. The pixels stay as they are. */
export function notePicture(png: Bytes, note: PictureNote): Bytes {
  return withChunks(png, [
    textChunk('XML:com.adobe.xmp', xmp(note)),
    ...(note.hasRecipe ? [textChunk('parameters', parameters(note.turn, png))] : []),
  ]);
}

/** International text of PNG: UTF-8, not packed, of no language. */
function textChunk(keyword: string, text: string): { readonly type: string; readonly body: Uint8Array } {
  const head = `${keyword}\0\0\0\0\0`;
  return { type: 'iTXt', body: new TextEncoder().encode(head + text) };
}

/** One line of words and one of settings, the form that viewers of made pictures know. */
function parameters(turn: Turn, png: Bytes): string {
  const { width, height } = sizeOf(png);
  const settings = {
    Steps: turn.steps,
    Sampler: 'Euler',
    'CFG scale': turn.guidance,
    Seed: turn.seed,
    Size: `${width}x${height}`,
    'Model hash': turn.model.hash.slice(0, 10),
    Model: turn.model.id,
  };
  const list = Object.entries(settings).map(([name, value]) => `${name}: ${value}`);
  return `${turn.instruction}\n${list.join(', ')}`;
}

function xmp({ turn, isAllMade }: PictureNote): string {
  const source = `${SOURCES}${isAllMade ? 'trainedAlgorithmicMedia' : 'compositeWithTrainedAlgorithmicMedia'}`;
  return [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    ` Iptc4xmpExt:DigitalSourceType="${source}"`,
    ' Iptc4xmpExt:AISystemUsed="Palimpsest"',
    ` Iptc4xmpExt:AISystemVersionUsed="${escaped(`${turn.model.id} ${turn.model.hash.slice(0, 10)}`)}"/>`,
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>',
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
