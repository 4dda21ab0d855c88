import { Searcher, type Needle } from "../search/searcher.js";
import { StreamSearch } from "../search/stream.js";
import { open, type Secret } from "./secret.js";

/** A value of a source and the name that a finding shows: `shared/smtp_password`. */
export interface NamedSecret {
  readonly name: string;
  readonly secret: Secret;
}

/** Why a value cannot be told from ordinary text. */
export type TooCommon = "too short" | "a host's name" | "an address" | "a number" | "a word";

/** A search for many values at once, in all their forms. */
export interface ValueSearch {
  /** Values that are looked for. */
  readonly values: number;
  /** Patterns: values times forms. */
  readonly patterns: number;
  /** Names of values that would be found everywhere, by their reason. */
  readonly skipped: ReadonlyMap<string, TooCommon>;
  /** One for each content. */
  start(): StreamSearch;
}

/** A line of a long value is recognized by itself from here on: half of a PEM line, say. */
const LINE_BYTES = 24;
/** Shorter values are looked for with a finer sieve. */
const SHORT_BYTES = 15;

/**
 * Prepares the search. A value is recognized as a whole, without outer blanks, and by each of its long lines that only it
 * has. The patterns live as long as the search; nothing that it returns holds a value.
 */
export function searchFor(values: readonly NamedSecret[]): ValueSearch {
  const skipped = new Map<string, TooCommon>();
  const texts = values.map(({ name, secret }) => ({ name, text: textOf(secret) }));
  const long: Needle[] = [];
  const short: Needle[] = [];
  for (const { name, text } of texts) {
    const why = whyTooCommon(text.trim());
    if (why !== undefined) {
      skipped.set(name, why);
      continue;
    }
    const pieces = piecesOf(text).map((piece) => Buffer.from(piece));
    long.push({ secret: name, pieces: pieces.filter(({ length }) => length >= SHORT_BYTES) });
    short.push({ secret: name, pieces: pieces.filter(({ length }) => length < SHORT_BYTES) });
  }
  const searchers = [new Searcher(long, 8), new Searcher(short, 4)].filter(({ size }) => size > 0);
  return {
    values: long.length,
    patterns: searchers.reduce((sum, { size }) => sum + size, 0),
    skipped,
    start: () => new StreamSearch(searchers),
  };
}

/** Sources of former times may hold numbers, which are refused today. */
function textOf(secret: Secret): string {
  const value: unknown = open(secret);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function piecesOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const own = lines.length === 1 ? [] : lines.filter((line) => line.length >= LINE_BYTES && isOwn(line));
  return [...new Set([text, text.trim(), ...own])];
}

/**
 * Whether a line of a value could stand nowhere else: not the armor of a PEM, not the first line of OpenSSH's format, which
 * every pair of a kind has, not a sentence.
 */
function isOwn(line: string): boolean {
  return !/^(?:-{4,5}|b3BlbnNzaC1rZXktdjEA)/.test(line) && !/\s/.test(line) && /\d/.test(line);
}

/** Whether a value says nothing by being equal to another: it is short, a number, a word, an address, a host's name. */
export function isCommon(secret: Secret): boolean {
  return whyTooCommon(textOf(secret).trim()) !== undefined;
}

function whyTooCommon(text: string): TooCommon | undefined {
  if (Buffer.byteLength(text) < 8) {
    return "too short";
  }
  if (/^\d{1,12}$/.test(text)) {
    return "a number";
  }
  if (/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(text)) {
    return "an address";
  }
  if (/^(?:https?:\/\/)?[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40})*\.[a-z]{2,12}(?::\d{1,5})?\/?$/.test(text)) {
    return "a host's name";
  }
  return /^[A-Za-z]{1,11}$/.test(text) ? "a word" : undefined;
}
