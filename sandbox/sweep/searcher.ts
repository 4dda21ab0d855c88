import { formsOf } from "./forms.js";
import type { Canary } from "./canaries.js";

/** One pattern that was found: which secret, in which form. */
export interface Hit {
  readonly secret: string;
  readonly form: string;
}

interface Pattern extends Hit {
  readonly bytes: Buffer;
}

/** A text is looked at every STRIDE bytes, and at each of these places at eight bytes. */
const STRIDE = 8;
const FILTER_BITS = 21;

/**
 * Searches for all patterns at once. Every pattern is known by its first eight windows of eight bytes, one of which
 * begins at a multiple of eight wherever the pattern stands; so a text costs one look-up every eight bytes, however
 * many patterns there are.
 */
export class Searcher {
  readonly #patterns: Pattern[] = [];
  readonly #windows = new Map<number, { pattern: number; at: number }[]>();
  readonly #filter = new Uint8Array(1 << (FILTER_BITS - 3));
  #searched = 0;

  constructor(canaries: readonly Canary[]) {
    const known = new Set<string>();
    for (const { secret, pieces } of canaries) {
      for (const { name, bytes } of pieces.flatMap((piece) => formsOf(piece))) {
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

  /** Bytes searched so far. */
  get searched(): number {
    return this.#searched;
  }

  /** Every secret in every form in which the text has it, each pair once. */
  find(text: Buffer): Hit[] {
    this.#searched += text.length;
    const hits = new Map<string, Hit>();
    const words = aligned(text);
    for (let word = 0; word + 1 < words.length; word += 2) {
      const mixed = mix(words[word] as number, words[word + 1] as number);
      if (((this.#filter[(mixed >>> (32 - FILTER_BITS)) >> 3] as number) & bitOf(mixed)) !== 0) {
        this.#compare(text, word * 4, mixed, hits);
      }
    }
    return [...hits.values()];
  }

  #compare(text: Buffer, place: number, mixed: number, hits: Map<string, Hit>): void {
    for (const { pattern, at } of this.#windows.get(mixed) ?? []) {
      const { bytes, secret, form } = this.#patterns[pattern] as Pattern;
      const start = place - at;
      const end = start + bytes.length;
      if (start >= 0 && end <= text.length && text.compare(bytes, 0, bytes.length, start, end) === 0) {
        hits.set(`${secret}\0${form}`, { secret, form });
      }
    }
  }

  #add(pattern: Pattern): void {
    const number = this.#patterns.push(pattern) - 1;
    for (let at = 0; at < STRIDE; at += 1) {
      const mixed = mix(pattern.bytes.readUInt32LE(at), pattern.bytes.readUInt32LE(at + 4));
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
function aligned(text: Buffer): Uint32Array {
  const whole = text.length - (text.length % STRIDE);
  if (text.byteOffset % 4 === 0) {
    return new Uint32Array(text.buffer, text.byteOffset, whole / 4);
  }
  const copy = new Uint8Array(whole);
  copy.set(text.subarray(0, whole));
  return new Uint32Array(copy.buffer);
}
