import { matches } from "../seal/secret.js";
import type { Secret } from "../seal/secret.js";
import { copiesOf, findIn, isPartOf } from "../seal/exposed.js";
import type { Fingerprint } from "../seal/fingerprint.js";
import { searchFor, type TooCommon, type ValueSearch } from "../seal/valueSearch.js";
import { TEMPLATE_VALUE } from "../model/names.js";
import type { Known } from "./known.js";
import type { Found, Sighting } from "./report.js";
import { standingOf } from "./standing.js";

/** A search for every value that the sources hold and ever held. Its names are fingerprints of this run. */
export function searchKnown(known: Known): ValueSearch {
  return searchFor(realSecrets(known).map(([print, secret]) => ({ name: print, secret })));
}

function realSecrets({ secrets }: Known): (readonly [Fingerprint, Secret])[] {
  return [...secrets].filter(([, secret]) => !matches(secret, TEMPLATE_VALUE));
}

/** Present values that a search leaves out, because they would be found everywhere. */
export function leftOut(search: ValueSearch, known: Known): { path: string; key: string; why: TooCommon }[] {
  return [...search.skipped].flatMap(([print, why]) =>
    standingOf(known.history, known.files, print as Fingerprint).present.map((at) => ({ ...at, why })),
  );
}

/** What was seen, by the value's fingerprint, as sightings. */
export function sightingsOf(seen: readonly (Found & { readonly name: string })[], known: Known): Sighting[] {
  const byPrint = new Map<Fingerprint, Found[]>();
  for (const { name, ...found } of seen) {
    const print = name as Fingerprint;
    byPrint.set(print, [...(byPrint.get(print) ?? []), found]);
  }
  return [...byPrint].map(([print, all]) => ({
    standing: standingOf(known.history, known.files, print),
    found: onceEach(all),
  }));
}

/** Of several forms in one place the first says enough. */
function onceEach(found: readonly Found[]): Found[] {
  return [...new Map([...found].reverse().map((one) => [`${one.where}:${String(one.line)}`, one])).values()].reverse();
}

/** What a given text says of the values that git knows. */
export interface Matched {
  readonly sightings: readonly Sighting[];
  /** Several values hold it, and it is too short to tell which; none otherwise. */
  readonly ambiguous: readonly Sighting[];
}

const GIVEN = "what was given";

/**
 * Which values a text is, holds in any form, or is a part of. A text that is or holds one is not looked at as a part: a
 * longer value that happens to hold it is not exposed by it.
 */
export function matchText(secret: Secret, known: Known): Matched {
  const copies = copiesOf(secret).map((copy) => known.print(copy));
  const exact = realSecrets(known).filter(([print]) => copies.includes(print));
  const held = findIn(searchKnown(known), secret);
  const seen = [
    ...exact.map(([name]) => ({ name, where: GIVEN, form: "the value itself" })),
    ...held.map((hit) => ({ name: hit.secret, where: GIVEN, ...lineOf(hit.line), form: hit.form })),
  ].filter(({ name, form }) => form === "the value itself" || !exact.some(([print]) => print === name));
  if (seen.length > 0) {
    return { sightings: sightingsOf(seen, known), ambiguous: [] };
  }
  const parts = realSecrets(known).filter(([, whole]) => isPartOf(secret, whole));
  const found = sightingsOf(
    parts.map(([name]) => ({ name, where: GIVEN, form: "a part of the value" })),
    known,
  );
  return found.length > 1 ? { sightings: [], ambiguous: found } : { sightings: found, ambiguous: [] };
}

function lineOf(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line };
}
