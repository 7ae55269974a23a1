/** Word-level tokenizer that reads the `tokenizer.json` of the Hugging Face tokenizers library. */
import type { EngineError } from './contract.ts';
import { failure } from './failures.ts';

export interface Tokenizer {
  /** Token ids of an instruction with the end token. Throws 'bad-input' above `maxTokens`. */
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
    readonly unk_token?: string;
  };
}

/** Throws 'integrity' when the file asks for a step that this tokenizer does not have. */
export function parseTokenizer(value: unknown): Tokenizer {
  const file = (value ?? {}) as TokenizerFile;
  if (file.model?.type !== 'WordLevel') throw unsupported(`model "${file.model?.type}"`);
  const vocab = new Map(Object.entries(file.model.vocab ?? {}));
  const unknownId = vocab.get(file.model.unk_token ?? '');
  if (unknownId === undefined) throw unsupported('a vocabulary without an unknown token');
  const normalize = readNormalizer(file.normalizer);
  const split = readSplitter(file.pre_tokenizer);
  const suffix = readSuffix(file.post_processor);
  const words = (text: string): readonly string[] => split(normalize(text));
  return {
    padId: file.padding?.pad_id ?? vocab.get('<pad>') ?? 0,
    encode(text, maxTokens) {
      const ids = [...words(text).map((word) => vocab.get(word) ?? unknownId), ...suffix];
      if (ids.length > maxTokens) {
        throw failure('words-too-long', {
          words: ids.length - suffix.length,
          most: maxTokens - suffix.length,
        });
      }
      return Int32Array.from(ids);
    },
    unknownWords: (text) => [...new Set(words(text).filter((word) => !vocab.has(word)))],
  };
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

function readSuffix(step: TokenizerFile['post_processor']): readonly number[] {
  if (step === null || step === undefined) return [];
  if (step.type !== 'TemplateProcessing') throw unsupported(`post-processor "${step.type}"`);
  const [first, ...rest] = step.single ?? [];
  if (first?.Sequence === undefined) throw unsupported('a template that does not begin with the text');
  return rest.flatMap(({ SpecialToken: token }) => {
    const ids = token && step.special_tokens?.[token.id]?.ids;
    if (!ids) throw unsupported('a template with an unknown special token');
    return ids;
  });
}

function unsupported(part: string): EngineError {
  return failure('tokenizer-unknown', { part });
}
