import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type Report, type ReportedPlace, type Rotation, SOON_DAYS } from "../model.js";
import { countsText, placeStatus, timeText, totalsOf, verdictText } from "../text.js";
import { rotationChart } from "./chart.js";
import { flowPicture } from "./flow.js";
import { asIs, html, type Markup } from "./markup.js";
import { marked, MARKS, type Mood, moodOf } from "./marks.js";
import { CONFIDENCES, secretsTable, STATUSES } from "./secretsTable.js";

/**
 * The whole report as one page that needs nothing else. Its policy lets the page's own style and script run, by their
 * hashes, and nothing be loaded from or sent to anywhere; so nothing in it may have an inline style or handler.
 */
export function renderPage(report: Report): string {
  const style = embedded("style.css", "style");
  const script = embedded("script.js", "script", ' type="module"');
  const policy = [
    "default-src 'none'",
    `style-src ${style.hash}`,
    `script-src ${script.hash}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${asIs(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${report.isEqual ? "✓" : "✗"} Secrets of ${report.stack}</title>
        ${style.element}
      </head>
      <body>
        ${MARKS}
        <a class="skip" href="#secrets">To the secrets</a>
        ${header(report)}
        <main>
          ${section("flow", "Where they go", flowPicture(report))} ${section("places", "Places", placesTable(report))}
          ${section("secrets", "Secrets", secretsTable(report))} ${section("rotations", "Rotations", rotations(report))}
          ${section("outside", "Not in git", outsideTable(report))}
        </main>
        ${legend()} ${script.element}
      </body>
    </html>`.text;
}

/**
 * A file beside this one as an element, and the hash by which the policy lets it in: that of the element's text as a browser
 * sees it, which has no CR, whatever the checkout has.
 */
function embedded(file: string, element: string, attributes = ""): { readonly element: Markup; readonly hash: string } {
  const text = readFileSync(join(__dirname, file), "utf8").replace(/\r\n?/g, "\n");
  return {
    element: asIs(`<${element}${attributes}>${text}</${element}>`),
    hash: `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  };
}

function section(id: string, title: string, content: Markup): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}

function header(report: Report): Markup {
  const { stack, at, head, converged, warnings, isEqual } = report;
  const commit = head === undefined ? "no commit" : head.slice(0, 12);
  const last =
    converged === undefined
      ? "no commit has left every place equal to git yet"
      : converged === head
        ? "which up has brought to every place"
        : `last brought to every place: ${converged.slice(0, 12)}`;
  return html`<header>
    <div class="top">
      <h1>
        Secrets <span class="stack"><bdi>${stack}</bdi></span>
      </h1>
      <fieldset class="theme" hidden>
        <legend class="unseen">Colours</legend>
        ${["system", "light", "dark"].map((name) => html`<label><input type="radio" name="theme" value="${name}" /><span>${name}</span></label>`)}
      </fieldset>
    </div>
    <p class="verdict">${marked(isEqual ? "good" : "bad", verdictText(report))}</p>
    <p class="facts">Looked at <time datetime="${at}">${timeText(at)}</time>, commit <code>${commit}</code>, ${last}</p>
    ${totals(report)}
    ${
      warnings.length === 0
        ? undefined
        : html`<ul class="warnings">
            ${warnings.map((warning) => html`<li>${marked("warn", warning)}</li>`)}
          </ul>`
    }
  </header>`;
}

function totals(report: Report): Markup {
  const found = totalsOf(report);
  const tiles: readonly (readonly [count: number, words: string, mood: Mood, href: string, filter: string])[] = [
    [found.secrets, "secrets", "calm", "#secrets", ""],
    [found.notInSync, "not in sync", "bad", "#secrets", "status=off"],
    [found.overdue, "overdue", "bad", "#secrets", "age=overdue"],
    [found.soon, `due within ${String(SOON_DAYS)} days`, "warn", "#secrets", "age=soon"],
    [found.pending, "not confirmed", "warn", "#rotations", ""],
    [found.toRotate, "to be rotated", "warn", "#rotations", ""],
  ];
  return html`<ul class="totals">
    ${tiles.map(
      ([count, words, mood, href, filter]) =>
        html`<li class="${count === 0 ? "calm" : mood}">
          <a href="${href}" data-filter="${filter}"><b>${count}</b> ${words}</a>
        </li>`,
    )}
  </ul>`;
}

function placesTable({ places }: Report): Markup {
  if (places.length === 0) {
    return html`<p class="none">The settings name no place.</p>`;
  }
  return html`<table class="list">
    <caption class="unseen">
      Places, how each stands to git, and how many secrets of each tier go there
    </caption>
    <thead>
      <tr>
        <th scope="col">Place</th>
        <th scope="col">Status</th>
        <th scope="col">Known by</th>
        <th scope="col" class="number">Tier 1</th>
        <th scope="col" class="number">Tier 2</th>
        <th scope="col" class="number">Tier 3</th>
        <th scope="col">Names</th>
      </tr>
    </thead>
    <tbody>
      ${places.map(placeRows)}
    </tbody>
  </table>`;
}

function placeRows(place: ReportedPlace): Markup {
  const mood = place.faults.length > 0 ? "bad" : moodOf(place.status);
  const tier = (count: number, number: number) =>
    html`<td class="number">
      ${count === 0 ? html`<span class="faint">0</span>` : count}<span class="label"> of tier ${number}</span>
    </td>`;
  return html`<tr>
    <th scope="row"><bdi>${place.place}</bdi></th>
    <td>${marked(mood, placeStatus(place))}</td>
    <td>${place.confidence}</td>
    ${([1, 2, 3] as const).map((number) => tier(place.tiers[number], number))}
    <td>${countsText(place)}${remarks(place)}</td>
  </tr> `;
}

function remarks({ others, notes, faults }: ReportedPlace): Markup | undefined {
  const lines = [
    ...faults.map((fault) => html`<li>${marked("bad", fault)}</li>`),
    ...others.map(
      ({ name, status, git, there }) =>
        html`<li>
          ${marked(moodOf(status), status)} <code><bdi>${name}</bdi></code
          >${git === undefined && there === undefined ? undefined : html`, git <code>${git ?? "?"}</code>, there <code>${there ?? "?"}</code>`}
        </li>`,
    ),
    ...notes.map((note) => html`<li>${marked("calm", note)}</li>`),
  ];
  return lines.length === 0
    ? undefined
    : html`<ul class="remarks">
        ${lines}
      </ul>`;
}

/** So many rows are shown at once. */
const RECENT = 8;

function rotations({ rotations: rows, at }: Report): Markup {
  if (rows.length === 0) {
    return html`<p class="none">The rotation log has no row yet.</p>`;
  }
  const first = [...rows].sort((a, b) => Number(isWaiting(b)) - Number(isWaiting(a)));
  const [recent, older] = [first.slice(0, RECENT), first.slice(RECENT)];
  return html`${rotationChart({ rotations: rows, at })}
    <p class="key">
      <span class="swatch confirmed"></span>confirmed at every place <span class="swatch open"></span>not confirmed yet
    </p>
    ${logTable(recent, "Rotations that wait, then the latest")}
    ${
      older.length === 0
        ? undefined
        : html`<details class="older">
            <summary>${older.length} more</summary>
            ${logTable(older, "Older rotations")}
          </details>`
    }`;
}

function isWaiting({ state }: Rotation): boolean {
  return state === "pending" || state === "to rotate";
}

function logTable(rows: readonly Rotation[], caption: string): Markup {
  return html`<table class="list log">
    <caption class="unseen">
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Date</th>
        <th scope="col">Secret</th>
        <th scope="col">Reason</th>
        <th scope="col">Rotator</th>
        <th scope="col">In sync</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ date, secret, reason, rotator, ...rest }) =>
          html`<tr>
            <td class="day">${date}</td>
            <th scope="row"><bdi>${secret}</bdi></th>
            <td><bdi>${reason}</bdi></td>
            <td><bdi>${rotator}</bdi></td>
            <td>${stateOf(rest)}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}

function stateOf({ state, confirmed, due }: Pick<Rotation, "state" | "confirmed" | "due">): Markup {
  switch (state) {
    case "confirmed":
      return marked("good", confirmed === undefined ? "yes" : timeText(confirmed));
    case "pending":
      return marked("warn", "not confirmed yet");
    case "to rotate":
      return marked("bad", due === undefined ? "to be rotated" : `to be rotated by ${timeText(due)}`);
    case "other":
      return marked("calm", "see the log");
  }
}

function outsideTable({ outside }: Report): Markup {
  if (outside.length === 0) {
    return html`<p class="none">inventory.yaml names no credential that is kept elsewhere.</p>`;
  }
  return html`<table class="list outside">
    <caption class="unseen">
      Credentials that no source holds
    </caption>
    <thead>
      <tr>
        <th scope="col">Credential</th>
        <th scope="col">Tier</th>
        <th scope="col">In its place</th>
        <th scope="col">How to see it</th>
      </tr>
    </thead>
    <tbody>
      ${[...outside]
        .sort((a, b) => a.tier - b.tier)
        .map(
          ({ name, tier, purpose, replacedBy, verify, still }) =>
            html`<tr>
              <th scope="row"><bdi>${name}</bdi><span class="about">${purpose}</span></th>
              <td class="number"><span class="label">tier </span>${tier}</td>
              <td>
                ${replacedBy}${still.length === 0 ? undefined : html` ${marked("bad", `still at ${still.join(", ")}`)}`}
              </td>
              <td>${inCode(verify)}</td>
            </tr> `,
        )}
    </tbody>
  </table>`;
}

/** What stands between backticks in a text of inventory.yaml. */
function inCode(text: string): Markup[] {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function legend(): Markup {
  const list = (rows: readonly (readonly [string, string])[]) =>
    html`<dl>
      ${rows.map(
        ([word, meaning]) =>
          html`<div>
            <dt>${word}</dt>
            <dd>${meaning}</dd>
          </div>`,
      )}
    </dl>`;
  return html`<footer>
    <h2>How to read it</h2>
    <div class="legend">
      ${list(STATUSES)}${list(CONFIDENCES)}
      <p>
        Eight digits are the start of a keyed fingerprint, never of a value. Bars are the age of a value; the tick is
        the end of its interval. Made by <code>p24 report</code>: nothing here was loaded from anywhere, and nothing is
        sent.
      </p>
    </div>
  </footer>`;
}
