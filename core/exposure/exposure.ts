import { groupByDataKey } from "./groups.js";
import { type Held, type History, inOrder, type SecretAt, type Version } from "./versions.js";

/** What an identity could open, and what of it is still worth something. */
export interface Exposure {
  /** Present values that stood in a version which the identity opens. */
  readonly exposed: readonly SecretAt[];
  /** Present values of which that cannot be told: we cannot open the version, and git does not say that they were changed since. */
  readonly unknown: readonly SecretAt[];
  /** No longer in git under any name. What nobody told the issuer may still be valid there. */
  readonly gone: readonly SecretAt[];
}

/**
 * Which values the holder of an identity could open that have not been changed since. `recipients` are its public parts.
 *
 * An identity opens every version whose metadata lists it, and so learns the file's data key. `sops updatekeys` keeps that
 * key, so whoever has it opens every version under it, older and newer ones, whomever they list. `sops rotate` makes a new
 * one and encrypts every value anew, which changes no value: values are compared by their marks and fingerprints, and by
 * what git says of them only where that does not tell.
 */
export function exposureOf(history: History, recipients: ReadonlySet<string>): Exposure {
  const hasDataKey = dataKeysOf(history.versions, recipients);
  const canOpen = (version: Version, held: Held) => held.sealed === undefined || hasDataKey(version);

  const open = history.versions.flatMap((version) => heldBy(version).filter((held) => canOpen(version, held)));
  const [prints, marks] = [printsOf(open), marksOf(open)];
  const perhaps = follow(history, open);
  const present = [...history.present.values()].flatMap((version) =>
    [...version.values].map(([key, held]) => ({ at: { path: version.path, key }, version, held })),
  );
  const isExposed = ({ version, held }: (typeof present)[number]) =>
    canOpen(version, held) || isIn(prints, held.print) || isIn(marks, held.mark);
  return {
    exposed: sorted(present.filter(isExposed)),
    unknown: sorted(present.filter((entry) => !isExposed(entry) && perhaps(entry.held))),
    gone: goneFrom(history, canOpen),
  };
}

/** Tells of which versions the holder of an identity has the data key: of all that share one with a version that lists it. */
export function dataKeysOf(
  versions: readonly Version[],
  recipients: ReadonlySet<string>,
): (version: Version) => boolean {
  const groupOf = groupByDataKey(versions);
  const known = new Set(versions.filter((version) => isListed(version, recipients)).map(groupOf));
  return (version) => known.has(groupOf(version));
}

function isListed({ recipients }: Version, wanted: ReadonlySet<string>): boolean {
  return [...wanted].some((recipient) => recipients.has(recipient));
}

function heldBy({ values }: Version): Held[] {
  return [...values.values()];
}

function printsOf(held: readonly Held[]): Set<string> {
  return new Set(held.flatMap(({ print }) => (print === undefined ? [] : [print])));
}

function marksOf(held: readonly Held[]): Set<string> {
  return new Set(held.flatMap(({ mark }) => (mark === undefined ? [] : [mark])));
}

function isIn(set: ReadonlySet<string>, one: string | undefined): boolean {
  return one !== undefined && set.has(one);
}

function sorted(entries: readonly { readonly at: SecretAt }[]): SecretAt[] {
  return entries.map(({ at }) => at).sort(inOrder);
}

/**
 * Follows values through the steps of git, across versions that we cannot open, until they are changed: to another
 * fingerprint, or to another mark while other values kept theirs. Where a step kept none, the whole file was encrypted anew,
 * and nothing can be said. Gives whether a value may be one of them.
 */
function follow({ steps }: History, start: readonly Held[]): (held: Held) => boolean {
  const next = new Map<Held, Held[]>();
  for (const { from, to } of steps) {
    const isAnew = from !== undefined && to !== undefined && !haveCommon(from, to);
    for (const [key, held] of from?.values ?? []) {
      const after = to?.values.get(key);
      if (after !== undefined && (isAnew || held.mark === after.mark)) {
        next.set(held, [...(next.get(held) ?? []), after]);
      }
    }
  }
  // By value: the fingerprints that it may have, as far as one was seen on the way to it.
  const seen = new Map<Held, Set<string | undefined>>();
  const queue = start.map((held): [Held, string | undefined] => [held, held.print]);
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    const [held, carried] = one;
    const print = carried ?? held.print;
    const isOther = held.print !== undefined && held.print !== print;
    const before = seen.get(held) ?? new Set();
    if (!isOther && !before.has(print)) {
      seen.set(held, before.add(print));
      queue.push(...(next.get(held) ?? []).map((after): [Held, string | undefined] => [after, print]));
    }
  }
  const prints = printsOf([...seen.keys()]);
  return (held) => seen.has(held) || isIn(prints, held.print);
}

/** Whether two versions share a mark, or the data key as encrypted to somebody: then one was made of the other by sops. */
function haveCommon(one: Version, other: Version): boolean {
  const marks = marksOf(heldBy(one));
  return (
    heldBy(other).some(({ mark }) => isIn(marks, mark)) || [...one.wrapped].some((wrap) => other.wrapped.has(wrap))
  );
}

/** Values that the identity opens and that were then taken out of git. */
function goneFrom({ steps, present }: History, canOpen: (version: Version, held: Held) => boolean): SecretAt[] {
  const left = [...present.values()].flatMap(heldBy);
  const [prints, marks] = [printsOf(left), marksOf(left)];
  const gone = new Map<string, SecretAt>();
  for (const { from, to } of steps) {
    for (const [key, held] of from?.values ?? []) {
      const isGone = to?.values.has(key) !== true && present.get(from?.path ?? "")?.values.has(key) !== true;
      const isElsewhere = isIn(prints, held.print) || isIn(marks, held.mark);
      if (from !== undefined && isGone && !isElsewhere && canOpen(from, held)) {
        gone.set(`${from.path}\0${key}`, { path: from.path, key });
      }
    }
  }
  return [...gone.values()].sort(inOrder);
}
