import { verdictText as verdictOf } from "../compare/render.js";
import type { ReportedSecret, Report, SecretAge, SecretAt } from "./model.js";

/**
 * Characters that show nothing or turn the text around them: controls, zero-width ones and those of Unicode's bidirectional
 * algorithm, with which a name could be made to look like another ("Trojan Source", CVE-2021-42574).
 */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** A text in which everything can be seen: `U+202E` in place of what would turn the rest around. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (one) => `‹U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/** `host:vps-i1` in a picture or a row where its kind is clear: `vps-i1`. Of a repository its owner goes, too. */
export function shortPlace(place: string): string {
  const name = place.slice(place.indexOf(":") + 1);
  return place.startsWith("github:") ? name.slice(name.indexOf("/") + 1) : name;
}

export { countsText, placeStatus } from "../compare/render.js";

/** How old a secret is, against its interval. */
export function ageText({ days, interval }: SecretAge): string {
  const age = days === undefined ? "unknown" : `${String(days)} d`;
  return interval === undefined ? (days === undefined ? "" : age) : `${age} of ${String(interval)} d`;
}

/** What has to be done about a secret's age, and when. */
export function dueText({ standing, due }: SecretAge): string {
  switch (standing) {
    case "none":
      return "no interval";
    case "unknown":
      return "overdue, age unknown";
    case "overdue":
      return `overdue since ${due ?? ""}`;
    case "soon":
    case "in time":
      return `due ${due ?? ""}`;
  }
}

/** What is known of one secret at a place that does not have it as git wants it. */
export function deviation({ status, there, services }: SecretAt): string {
  const value = there === undefined ? "" : `, there ${there}`;
  return services === undefined ? `${status}${value}` : `${status}${value}, in ${services.join(", ")}`;
}

/** The sentence that `p24 status` ends with. */
export function verdictText({ places, head }: Pick<Report, "places" | "head">): string {
  return verdictOf(
    places.filter(({ isConverged }) => !isConverged).map(({ place }) => place),
    head,
  );
}

/** What a reader wants to know first, in numbers. */
export interface Totals {
  readonly secrets: number;
  readonly notInSync: number;
  readonly overdue: number;
  readonly soon: number;
  /** Rows of the log that wait for their places, and those that nobody has begun. */
  readonly pending: number;
  readonly toRotate: number;
}

export function totalsOf({ secrets, rotations }: Pick<Report, "secrets" | "rotations">): Totals {
  const standing = (...wanted: readonly SecretAge["standing"][]) =>
    secrets.filter(({ age }) => wanted.includes(age.standing)).length;
  return {
    secrets: secrets.length,
    notInSync: secrets.filter(isOff).length,
    overdue: standing("overdue", "unknown"),
    soon: standing("soon"),
    pending: rotations.filter(({ state }) => state === "pending").length,
    toRotate: rotations.filter(({ state }) => state === "to rotate").length,
  };
}

/** Whether a place has a secret otherwise than git wants it. */
function isOff({ status }: Pick<ReportedSecret, "status">): boolean {
  return status !== undefined && status !== "in sync";
}

/** `2026-11-26 08:15 UTC`. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
