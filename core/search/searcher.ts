import { formsOf } from "./forms.js";

/** What to look for: a secret's name, and the pieces by which it is recognized. */
export interface Needle {
  readonly secret: string;
  readonly pieces: readonly Buffer[];
}

/** One pattern that was found: which secret, in which form. */
export interface Hit {
  readonly secret: string;
  readonly form: string;
}

interface Pattern extends Hit {
  readonly bytes: Buffer;
}

const FILTER_BITS = 21;

/**
 * Searches for all patterns at once. With a stride of eight every pattern is known by its first eight windows of eight bytes,
 * one of which begins at a multiple of eight wherever the pattern stands; so a text costs one look-up every eight bytes,
 * however many patterns there are. A stride of four finds patterns of seven bytes and more, for twice the look-ups.
 */
export class Searcher {
  readonly #patterns: Pattern[] = [];
  readonly #windows = new Map<number, { pattern: number; at: number }[]>();
  readonly #filter = new Uint8Array(1 << (FILTER_BITS - 3));
  readonly #stride: 4 | 8;
  #searched = 0;
  #longest = 0;

  constructor(needles: readonly Needle[], stride: 4 | 8 = 8) {
    this.#stride = stride;
    const known = new Set<string>();
    for (const { secret, pieces } of needles) {
      for (const { name, bytes } of pieces.flatMap((piece) => formsOf(piece, 2 * stride - 1))) {
        const identity = `${secret}\0${bytes.toString("latin1")}`;
        if (!known.has(identity)) {
          known.add(identity);
          this.#add({ secret, form: name, bytes });
        }
      }
    }
  }

  /** Number of patterns. */
  get size(): number {
    return this.#patterns.length;
  }

  /** Bytes of the longest pattern. */
  get longest(): number {
    return this.#longest;
  }

  /** Bytes searched so far. */
  get searched(): number {
    return this.#searched;
  }

  /** Every secret in every form in which the text has it, each pair once. */
  find(text: Buffer): Hit[] {
    return this.locate(text).map(({ secret, form }) => ({ secret, form }));
  }

  /** As `find`, with where each pair begins the first time. */
  locate(text: Buffer): (Hit & { readonly at: number })[] {
    this.#searched += text.length;
    const hits = new Map<string, Hit & { at: number }>();
    const words = aligned(text, this.#stride);
    const step = this.#stride / 4;
    for (let word = 0; word + step <= words.length; word += step) {
      const mixed = mix(words[word] as number, step === 2 ? (words[word + 1] as number) : 0);
      if (((this.#filter[(mixed >>> (32 - FILTER_BITS)) >> 3] as number) & bitOf(mixed)) !== 0) {
        this.#compare(text, word * 4, mixed, hits);
      }
    }
    return [...hits.values()];
  }

  #compare(text: Buffer, place: number, mixed: number, hits: Map<string, Hit & { at: number }>): void {
    for (const { pattern, at } of this.#windows.get(mixed) ?? []) {
      const { bytes, secret, form } = this.#patterns[pattern] as Pattern;
      const start = place - at;
      const end = start + bytes.length;
      if (start >= 0 && end <= text.length && text.compare(bytes, 0, bytes.length, start, end) === 0) {
        const identity = `${secret}\0${form}`;
        hits.set(identity, hits.get(identity) ?? { secret, form, at: start });
      }
    }
  }

  #add(pattern: Pattern): void {
    const number = this.#patterns.push(pattern) - 1;
    this.#longest = Math.max(this.#longest, pattern.bytes.length);
    for (let at = 0; at < this.#stride; at += 1) {
      const mixed = mix(pattern.bytes.readUInt32LE(at), this.#stride === 8 ? pattern.bytes.readUInt32LE(at + 4) : 0);
      const index = (mixed >>> (32 - FILTER_BITS)) >> 3;
      this.#filter[index] = (this.#filter[index] as number) | bitOf(mixed);
      const others = this.#windows.get(mixed);
      if (others === undefined) {
        this.#windows.set(mixed, [{ pattern: number, at }]);
      } else {
        others.push({ pattern: number, at });
      }
    }
  }
}

function mix(low: number, high: number): number {
  return Math.imul(Math.imul(low, 0x9e3779b1) ^ high, 0x85ebca6b) >>> 0;
}

function bitOf(mixed: number): number {
  return 1 << ((mixed >>> (32 - FILTER_BITS)) & 7);
}

/** The text as little-endian words; what is left over at its end cannot hold a window. */
function aligned(text: Buffer, stride: number): Uint32Array {
  const whole = text.length - (text.length % stride);
  if (text.byteOffset % 4 === 0) {
    return new Uint32Array(text.buffer, text.byteOffset, whole / 4);
  }
  const copy = new Uint8Array(whole);
  copy.set(text.subarray(0, whole));
  return new Uint32Array(copy.buffer);
}
