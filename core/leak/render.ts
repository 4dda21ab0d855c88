import type { Stranger } from "./material.js";
import type { Due, Exposed, Former, Found } from "./report.js";

/** What a leak report says, for people and as JSON. It holds names and places, never a value. */
export interface LeakReport {
  /** In the order in which they are to be rotated. */
  readonly exposed: readonly Exposed[];
  readonly former: readonly Former[];
  readonly rows: readonly Due[];
  /** Private material that no source explains. */
  readonly strangers: readonly Stranger[];
  /** Secrets of which the given text may be a part; it is too short to tell which one. */
  readonly ambiguous: readonly string[];
  /** Values that were not looked for, because they would be found everywhere, with the reason. */
  readonly leftOut: readonly string[];
  /** Sources of which some version could not be opened here: what was exposed may stand there. */
  readonly closed: readonly string[];
}

/** Lines for people. */
export function renderLeak({ exposed, former, rows, strangers, ambiguous, leftOut, closed }: LeakReport): string[] {
  const dueOf = (secret: string) => rows.find((row) => row.secret === secret);
  return [
    ...exposed.flatMap((one, index) =>
      renderExposed(one, dueOf(one.secret), exposed.length === 1 ? "" : `${index + 1}. `),
    ),
    ...former.flatMap(renderFormer),
    ...strangers.flatMap(renderStranger),
    ...(ambiguous.length === 0
      ? []
      : [
          `Too short to tell which value it is a part of: ${ambiguous.join(", ")}. Repair: give more of it, or name the secret`,
        ]),
    ...(leftOut.length === 0 ? [] : [`Not looked for, because they would be found everywhere: ${leftOut.join(", ")}`]),
    ...(closed.length === 0
      ? []
      : [`Not opened here, so not searched: ${closed.join(", ")}. Repair: run again with an identity that opens them`]),
  ];
}

function renderExposed(one: Exposed, due: Due | undefined, number: string): string[] {
  const { secret, path, tier, about, sameValue, places, steps, found } = one;
  const until = due === undefined ? "" : `; rotate it by ${due.due}${due.isThere ? " (its row is there already)" : ""}`;
  return [
    `${number}${secret}${path === undefined ? "" : ` (${path})`}: exposed${until}`,
    ...found.map((seen) => `    seen      ${renderFound(seen)}`),
    `    tier      ${String(tier)}: ${about}`,
    ...sameValue.map((other) => `    the same value stands as ${other}`),
    ...places.map((place) => `    at        ${place}`),
    ...steps.map((step, index) => `    ${index === 0 ? "to do     " : "          "}${String(index + 1)}. ${step}`),
  ];
}

function renderStranger({ what, steps }: Stranger): string[] {
  return [
    `${what}; no source of this repository holds it`,
    ...steps.map((step, index) => `    ${index === 0 ? "to do     " : "          "}${String(index + 1)}. ${step}`),
  ];
}

const STATES: Readonly<Record<Former["state"], string>> = {
  confirmed: "every place was seen with a later value: harmless there",
  "not confirmed":
    "its successor is not confirmed, so places may still have it: npm run up, then npm run p24 -- confirm",
  unknown: "the log does not say that every place has a later one: npm run p24 -- status shows it",
};

function renderFormer({ secret, path, replacedBy, replacedAt, since, state, issuer, found }: Former): string[] {
  const ended = `${replacedAt}${replacedBy === "" ? "" : `, commit ${replacedBy.slice(0, 12)}`}`;
  const ago = since === 0 ? `taken out of git ${ended}` : `${rotations(since)}, replaced ${ended}`;
  return [
    `${secret} (${path}): a former value, ${ago}`,
    ...found.map((seen) => `    seen      ${renderFound(seen)}`),
    `    places    ${STATES[state]}`,
    `    issuer    ${issuer === undefined ? "none that could still take it, as far as inventory.yaml says" : `${issuer}: see that it was revoked there`}`,
  ];
}

function rotations(count: number): string {
  return count === 1 ? "of one rotation ago" : `of ${String(count)} rotations ago`;
}

export function renderFound({ where, line, form }: Found): string {
  return `${where}${line === undefined ? "" : `:${String(line)}`} (${form})`;
}
