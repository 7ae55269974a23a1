/** Tokenizer of words or byte pairs that reads the `tokenizer.json` of the Hugging Face tokenizers library. */
import { BYTE_LETTERS, GPT2_SPLIT, byteLetters, createBytePairs, readExpression } from './bytePairs.ts';
import type { EngineError } from './contract.ts';
import { failure } from './failures.ts';

export interface Tokenizer {
  /** Token ids of an instruction with the tokens that its template puts around it. Throws 'bad-input' above `maxTokens`. */
  encode(text: string, maxTokens: number): Int32Array;
  /** Words without a token of their own, in order, each once. */
  unknownWords(text: string): readonly string[];
  readonly padId: number;
}

type Splitter = (piece: string) => readonly string[];
type Normalizer = (text: string) => string;

interface Step {
  readonly type?: string;
  readonly normalizers?: readonly Step[];
  readonly pretokenizers?: readonly Step[];
  readonly behavior?: string;
  readonly pattern?: { readonly Regex?: string };
  readonly invert?: boolean;
  readonly add_prefix_space?: boolean;
  readonly use_regex?: boolean;
}

interface TokenizerFile {
  readonly normalizer?: Step | null;
  readonly pre_tokenizer?: Step | null;
  readonly post_processor?: {
    readonly type?: string;
    readonly single?: readonly {
      readonly Sequence?: unknown;
      readonly SpecialToken?: { readonly id: string };
    }[];
    readonly special_tokens?: Readonly<Record<string, { readonly ids: readonly number[] }>>;
  } | null;
  readonly padding?: { readonly pad_id?: number } | null;
  readonly model?: {
    readonly type?: string;
    readonly vocab?: Readonly<Record<string, number>>;
    readonly unk_token?: string | null;
    readonly merges?: readonly (string | readonly [string, string])[];
    readonly dropout?: number | null;
    readonly continuing_subword_prefix?: string | null;
    readonly end_of_word_suffix?: string | null;
    readonly byte_fallback?: boolean;
    readonly ignore_merges?: boolean;
  };
}

/** Turns the pieces of a text into ids, and tells those that it has none for. */
interface Pieces {
  readonly idsOf: (piece: string) => readonly number[];
  readonly isKnown: (piece: string) => boolean;
}

/** Throws 'integrity' when the file asks for a step that this tokenizer does not have. */
export function parseTokenizer(value: unknown): Tokenizer {
  const file = (value ?? {}) as TokenizerFile;
  const pieces = readModel(file.model);
  const normalize = readNormalizer(file.normalizer);
  const split = readSplitter(file.pre_tokenizer);
  const [prefix, suffix] = readTemplate(file.post_processor);
  const around = prefix.length + suffix.length;
  const words = (text: string): readonly string[] => split(normalize(text));
  return {
    padId: file.padding?.pad_id ?? file.model?.vocab?.['<pad>'] ?? 0,
    encode(text, maxTokens) {
      const ids = [...prefix, ...words(text).flatMap(pieces.idsOf), ...suffix];
      if (ids.length > maxTokens) {
        throw failure('words-too-long', { words: ids.length - around, most: maxTokens - around });
      }
      return Int32Array.from(ids);
    },
    unknownWords: (text) => [...new Set(words(text).filter((word) => !pieces.isKnown(word)))],
  };
}

function readModel(model: TokenizerFile['model'] = {}): Pieces {
  const vocab = new Map(Object.entries(model.vocab ?? {}));
  if (model.type === 'WordLevel') {
    const unknownId = vocab.get(model.unk_token ?? '');
    if (unknownId === undefined) throw unsupported('a vocabulary without an unknown token');
    return { idsOf: (word) => [vocab.get(word) ?? unknownId], isKnown: (word) => vocab.has(word) };
  }
  if (model.type !== 'BPE') throw unsupported(`model "${model.type}"`);
  const { dropout, byte_fallback, continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = model;
  if (dropout || byte_fallback || prefix || suffix) throw unsupported('byte pairs with affixes or chance');
  // With a token for each byte there is nothing that cannot be spelt.
  if (!BYTE_LETTERS.every((letter) => vocab.has(letter)))
    throw unsupported('byte pairs without a token for each byte');
  const pairs = createBytePairs(vocab, model.merges ?? [], model.ignore_merges === true);
  return { idsOf: (piece) => pairs.encode(piece), isKnown: () => true };
}

function readNormalizer(step: Step | null | undefined): Normalizer {
  if (step === null || step === undefined) return (text) => text;
  switch (step.type) {
    case 'Lowercase':
      return (text) => text.toLowerCase();
    case 'NFC':
    case 'NFKC': {
      const form = step.type;
      return (text) => text.normalize(form);
    }
    case 'Sequence': {
      const parts = (step.normalizers ?? []).map(readNormalizer);
      return (text) => parts.reduce((current, part) => part(current), text);
    }
    default:
      throw unsupported(`normalizer "${step.type}"`);
  }
}

function readSplitter(step: Step | null | undefined): Splitter {
  if (step === null || step === undefined) throw unsupported('no pre-tokenizer');
  switch (step.type) {
    case 'Whitespace':
      return (text) =>
        text.match(
          /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\s]+/gu,
        ) ?? [];
    case 'WhitespaceSplit':
      return (text) => text.match(/\S+/gu) ?? [];
    case 'ByteLevel': {
      if (step.add_prefix_space === true) throw unsupported('a space before every text');
      if (step.use_regex === false) return (text) => [byteLetters(text)];
      const expression = readExpression(GPT2_SPLIT);
      return (text) => isolate(text, expression).map(byteLetters);
    }
    case 'Split': {
      const source = step.pattern?.Regex;
      if (source === undefined || step.behavior !== 'Isolated' || step.invert === true)
        throw unsupported(`a split of the kind "${step.behavior}"`);
      const expression = readSplit(source);
      return (text) => isolate(text, expression);
    }
    case 'Punctuation':
      if ((step.behavior ?? 'Isolated') !== 'Isolated') throw unsupported(`punctuation "${step.behavior}"`);
      // ASCII symbols such as $ and + count as punctuation here, as they do in the library.
      return (text) => text.match(/[\p{P}!-/:-@[-`{-~]|[^\p{P}!-/:-@[-`{-~]+/gu) ?? [];
    case 'Sequence': {
      const parts = (step.pretokenizers ?? []).map(readSplitter);
      return (text) => parts.reduce((pieces, part) => pieces.flatMap(part), [text] as readonly string[]);
    }
    default:
      throw unsupported(`pre-tokenizer "${step.type}"`);
  }
}

function readSplit(source: string): RegExp {
  try {
    return readExpression(source);
  } catch {
    throw unsupported(`a split at "${source}"`);
  }
}

/** The matches of an expression and what lies between them, in order. */
function isolate(text: string, expression: RegExp): readonly string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(expression)) {
    pieces.push(text.slice(end, index), match);
    end = index + match.length;
  }
  return [...pieces, text.slice(end)].filter((piece) => piece !== '');
}

/** Ids before and after the text. */
function readTemplate(
  step: TokenizerFile['post_processor'],
): readonly [readonly number[], readonly number[]] {
  // It moves offsets only, and adds no token.
  if (step === null || step === undefined || step.type === 'ByteLevel') return [[], []];
  if (step.type !== 'TemplateProcessing') throw unsupported(`post-processor "${step.type}"`);
  const parts = step.single ?? [];
  const at = parts.findIndex((part) => part.Sequence !== undefined);
  const idsOf = (some: typeof parts): readonly number[] =>
    some.flatMap(({ SpecialToken: token }) => {
      const ids = token && step.special_tokens?.[token.id]?.ids;
      if (!ids) throw unsupported('a template with an unknown special token');
      return ids;
    });
  if (at === -1) throw unsupported('a template without the text');
  return [idsOf(parts.slice(0, at)), idsOf(parts.slice(at + 1))];
}

function unsupported(part: string): EngineError {
  return failure('tokenizer-unknown', { part });
}
