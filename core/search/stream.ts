import type { Searcher } from "./searcher.js";

/** A secret that was found in a stream, and where it begins. */
export interface StreamHit {
  readonly secret: string;
  readonly form: string;
  /** Counted from 1; `undefined` where it stands over several lines, or in another encoding than it is looked at in. */
  readonly line: number | undefined;
}

/**
 * Searches a content as it streams by: as it is, and without line ends, blanks and zero bytes (base64 that was wrapped,
 * UTF-16). What stands over the border of two chunks is found too; memory is that of one chunk and the longest pattern.
 */
export class StreamSearch {
  readonly #asItIs: Pipe;
  readonly #folded: Pipe;
  /** An escaped line end may be cut in two. */
  #backslash = false;

  constructor(searchers: readonly Searcher[]) {
    this.#asItIs = new Pipe(searchers);
    this.#folded = new Pipe(searchers);
  }

  push(chunk: Buffer): void {
    this.#asItIs.push(chunk);
    const whole = this.#backslash ? Buffer.concat([BACKSLASH, chunk]) : chunk;
    this.#backslash = whole[whole.length - 1] === BACKSLASH[0];
    const taken = this.#backslash ? whole.subarray(0, -1) : whole;
    const folded = fold(taken);
    // A content without anything to fold is searched once.
    if (folded.length !== taken.length || this.#folded.isUsed) {
      this.#folded.push(folded);
    } else {
      this.#folded.skip(folded);
    }
  }

  end(): StreamHit[] {
    const plain = this.#asItIs.end();
    const known = new Set(plain.map(({ secret, form }) => `${secret}\0${form}`));
    const folded = this.#folded.end().filter(({ secret, form }) => !known.has(`${secret}\0${form}`));
    return [...plain, ...folded.map(({ secret, form }) => ({ secret, form: `${form}, wrapped`, line: undefined }))];
  }
}

const BACKSLASH = Buffer.from("\\");

class Pipe {
  readonly #searchers: readonly Searcher[];
  readonly #overlap: number;
  readonly #hits = new Map<string, StreamHit>();
  /** What was looked at last; its end may begin what the next chunk ends. */
  #last: Buffer | undefined;
  #line = 1;
  isUsed = false;

  constructor(searchers: readonly Searcher[]) {
    this.#searchers = searchers;
    this.#overlap = Math.max(0, ...searchers.map(({ longest }) => longest - 1));
  }

  push(chunk: Buffer): void {
    this.isUsed = true;
    const text = this.#with(chunk);
    for (const searcher of this.#searchers) {
      for (const { secret, form, at } of searcher.locate(text)) {
        const identity = `${secret}\0${form}`;
        if (!this.#hits.has(identity)) {
          this.#hits.set(identity, { secret, form, line: this.#line + linesBefore(text, at) });
        }
      }
    }
  }

  /** Takes a chunk that needs no search of its own, but may begin what the next one ends. */
  skip(chunk: Buffer): void {
    this.#with(chunk);
  }

  end(): StreamHit[] {
    return [...this.#hits.values()];
  }

  /** The chunk behind the end of the one before. Most contents are one chunk, and cost no copy. */
  #with(chunk: Buffer): Buffer {
    const last = this.#last;
    if (last === undefined) {
      this.#last = chunk;
      return chunk;
    }
    const from = Math.max(0, last.length - this.#overlap);
    this.#line += linesBefore(last, from);
    this.#last = Buffer.concat([last.subarray(from), chunk]);
    return this.#last;
  }
}

function linesBefore(text: Buffer, end: number): number {
  let lines = 0;
  for (let at = text.indexOf(10); at !== -1 && at < end; at = text.indexOf(10, at + 1)) {
    lines += 1;
  }
  return lines;
}

const [TAB, LINE_FEED, RETURN, BLANK, BACKSLASH_CODE] = [9, 10, 13, 32, 92];
const ESCAPED = new Set([...Buffer.from("nrt")]);

/** Without zero bytes, line ends and blanks, and without line ends that are escaped. */
export function fold(content: Buffer): Buffer {
  const folded = Buffer.allocUnsafe(content.length);
  let length = 0;
  for (let at = 0; at < content.length; at += 1) {
    const code = content[at] as number;
    if (code === BACKSLASH_CODE && ESCAPED.has(content[at + 1] as number)) {
      at += 1;
    } else if (code !== BLANK && code !== LINE_FEED && code !== RETURN && code !== TAB && code !== 0) {
      folded[length] = code;
      length += 1;
    }
  }
  return folded.subarray(0, length);
}
