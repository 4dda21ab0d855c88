import type { Confidence, Status } from "../../compare/report.js";
import { type Report, type ReportedSecret, type SecretAge, type SecretAt, SOON_DAYS, type Tier } from "../model.js";
import { ageText, deviation, dueText, shortPlace } from "../text.js";
import { html, type Markup } from "./markup.js";
import { mark, marked, moodOf, moodOfAge } from "./marks.js";

/** Columns by the name that the script sorts them by. */
const COLUMNS = [
  ["name", "Secret"],
  ["status", "Status"],
  ["places", "Places"],
  ["confidence", "Known by"],
  ["tier", "Tier"],
  ["source", "Source"],
  ["print", "Git’s value"],
  ["ratio", "Age"],
  ["due", "Rotation"],
] as const;

const TIER_TITLES: Readonly<Record<Tier, string>> = {
  1: "Tier 1: nothing is stored",
  2: "Tier 2: it renews itself",
  3: "Tier 3: static, in sops",
};

/** All secrets of the sources by tier, with what the script needs to filter, sort and group them otherwise. */
export function secretsTable({ secrets, places }: Report): Markup {
  if (secrets.length === 0) {
    return html`<p class="none">
      The sources hold no secret yet: <code>npm run p24 -- init</code> walks the bootstrap.
    </p>`;
  }
  const tiers = ([1, 2, 3] as const).filter((tier) => secrets.some((secret) => secret.tier === tier));
  return html`${controls(
      secrets,
      places.map(({ place }) => place),
    )}
    <table class="secrets" id="list">
      <caption class="unseen">
        Secrets of the sources, with every place that they go to
      </caption>
      <thead>
        <tr>
          ${COLUMNS.map(([key, title]) => html`<th scope="col" class="${key}" data-sort="${key}">${title}</th>`)}
        </tr>
      </thead>
      ${tiers.map((tier) =>
        group(
          tier,
          secrets.filter((secret) => secret.tier === tier),
        ),
      )}
    </table>
    <p class="none" id="nothing" hidden>No secret fits this filter.</p>`;
}

function group(tier: Tier, secrets: readonly ReportedSecret[]): Markup {
  return html`<tbody>
    <tr class="group">
      <th scope="rowgroup" colspan="${COLUMNS.length}">
        ${TIER_TITLES[tier]} <span class="count">${secrets.length}</span>
      </th>
    </tr>
    ${secrets.map(row)}
  </tbody>`;
}

function row(secret: ReportedSecret): Markup {
  const { name, source, tier, status, confidence, places, fingerprint, age, flagged } = secret;
  return html`<tr
    data-name="${name}"
    data-tier="${tier}"
    data-source="${source}"
    data-status="${status ?? ""}"
    data-confidence="${confidence ?? ""}"
    data-places="${places.map(({ place }) => encodeURIComponent(place)).join(" ")}"
    data-print="${fingerprint ?? ""}"
    data-standing="${age.standing}"
    data-ratio="${ratioOf(age) ?? ""}"
    data-due="${age.due ?? ""}"
    data-text="${searchText(secret)}"
  >
    <th scope="row" class="name">
      <bdi>${name}</bdi>${flagged ? html` <span class="flag">flagged</span>` : undefined}${about(secret)}
    </th>
    <td class="status">${status === undefined ? undefined : marked(moodOf(status), status)}</td>
    <td class="places">${placeList(places)}</td>
    <td class="confidence">${confidence ?? ""}</td>
    <td class="tier"><span class="label">tier </span>${tier}</td>
    <td class="source"><bdi>${source}</bdi></td>
    <td class="print">${fingerprint === undefined ? undefined : html`<code>${fingerprint}</code>`}</td>
    <td class="ratio">${bar(age)}<span>${ageText(age)}</span></td>
    <td class="due">
      ${age.standing === "none" ? html`<span class="faint">no interval</span>` : marked(moodOfAge(age.standing), dueText(age))}
    </td>
  </tr>`;
}

function about({ issuer, owner }: ReportedSecret): Markup | undefined {
  const parts = [issuer, owner].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : html`<span class="about"><bdi>${parts.join(" · ")}</bdi></span>`;
}

/** Places of one kind that all have it are one word; each other one is told. */
const MOST_PLACES = 4;

function placeList(places: readonly SecretAt[]): Markup {
  if (places.length === 0) {
    return html`<span class="faint">p24 itself</span>`;
  }
  const off = places.filter(({ status }) => status !== "in sync");
  const right = places.filter(({ status }) => status === "in sync");
  const counted =
    right.length > MOST_PLACES
      ? html`<details>
          <summary>${mark("good")}${right.length} places</summary>
          <bdi>${right.map(({ place }) => shortPlace(place)).join(", ")}</bdi>
        </details>`
      : right.map(({ place }) => html`<span class="at">${mark("good")}<bdi>${shortPlace(place)}</bdi></span> `);
  return html`${off.map((at) => html`<span class="at off ${moodOf(at.status)}">${mark(moodOf(at.status))}<bdi>${shortPlace(at.place)}</bdi> ${deviation(at)}</span> `)}${counted}`;
}

/** How much of its interval has passed. */
function ratioOf({ days, interval, standing }: SecretAge): number | undefined {
  if (interval === undefined) {
    return undefined;
  }
  return days === undefined || standing === "unknown" ? 99 : Math.round((days / interval) * 1000) / 1000;
}

/** Of the bar's 100 units; what is behind it is over the interval. */
const END = 80;

/** Age against interval: the tick is the interval's end. */
function bar(age: SecretAge): Markup | undefined {
  const ratio = ratioOf(age);
  if (ratio === undefined) {
    return undefined;
  }
  const width = Math.min(100, Math.max(2, Math.round(ratio * END)));
  return html`<svg
    class="age ${moodOfAge(age.standing)}"
    viewBox="0 0 100 8"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect class="track" width="${END}" y="2" height="4" />
    <rect class="fill" width="${width}" y="2" height="4" />
    <rect class="tick" x="${END}" width="1.5" height="8" />
  </svg>`;
}

function searchText({ name, variable, source, issuer, owner, fingerprint }: ReportedSecret): string {
  return [name, variable, source, issuer, owner, fingerprint]
    .filter((part) => part !== undefined)
    .join(" ")
    .toLowerCase();
}

/** Shown once the script runs: without it the table is whole, and by tier. */
function controls(secrets: readonly ReportedSecret[], places: readonly string[]): Markup {
  const statuses = [...new Set(secrets.flatMap(({ status }) => status ?? []))];
  const there = places.filter((place) => secrets.some((secret) => secret.places.some((at) => at.place === place)));
  const ages = [
    ["overdue", "overdue"],
    ["soon", `due within ${String(SOON_DAYS)} days`],
    ["in time", "in time"],
    ["none", "no interval"],
  ] as const;
  return html`<form class="controls" role="search" aria-label="Secrets" hidden>
    <label class="find"
      ><span>Find</span
      ><input
        type="search"
        name="text"
        autocomplete="off"
        spellcheck="false"
        placeholder="name, source, issuer, fingerprint"
    /></label>
    ${choice("status", "Status", "any", [["off", "not in sync"], ...statuses.map((status) => [status, status] as const)])}
    ${choice(
      "place",
      "Place",
      "any",
      there.map((place) => [encodeURIComponent(place), place] as const),
    )}
    ${choice("tier", "Tier", "any", [
      ["1", "1"],
      ["2", "2"],
      ["3", "3"],
    ])}
    ${choice("age", "Rotation", "any", ages)}
    ${choice("group", "Group by", undefined, [
      ["tier", "tier"],
      ["place", "place"],
      ["source", "source"],
      ["status", "status"],
      ["", "nothing"],
    ])}
    <label class="order"
      ><span>Sort by</span
      ><select name="order">
        ${COLUMNS.map(([key, title]) => html`<option value="${key}">${title}</option>`)}
      </select></label
    >
    <button type="reset">Reset</button>
    <output aria-live="polite"></output>
  </form>`;
}

type Choices = readonly (readonly [value: string, words: string])[];

function choice(name: string, title: string, all: string | undefined, choices: Choices): Markup {
  return html`<label
    ><span>${title}</span
    ><select name="${name}">
      ${all === undefined ? undefined : html`<option value="">${all}</option>`}
      ${choices.map(([value, words]) => html`<option value="${value}">${words}</option>`)}
    </select></label
  >`;
}

/** For the legend: what each confidence means, in the words of docs/architecture.md. */
export const CONFIDENCES: readonly (readonly [Confidence, string])[] = [
  ["verified", "the content was compared"],
  ["recorded", "git’s value was our last write, and nobody wrote since"],
  ["present", "only names are known"],
  ["unreachable", "nothing is known"],
];

/** For the legend. */
export const STATUSES: readonly (readonly [Status, string])[] = [
  ["in sync", "as git wants it"],
  ["differs", "there, with another value than git’s"],
  ["missing", "wanted by git and not there"],
  ["stale process", "the file is right, a service still runs with the former value"],
  ["adopted", "there before our first write; the next up takes it over"],
  ["orphan", "from us, and git no longer wants it"],
  ["foreign", "not from us: left alone"],
  ["unreachable", "the place could not be asked"],
];
