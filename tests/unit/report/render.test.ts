/**
 * Proves what stands in the page and in the Markdown: everything that is put in is escaped whatever it is called, the page's
 * policy fits its own style and script, and nothing of the page asks for another file. What a browser makes of it is
 * tests/browser's.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { inspect } from "node:util";

import { buildReport } from "../../../core/report/build.js";
import { renderMarkdown } from "../../../core/report/markdown.js";
import type { Report } from "../../../core/report/model.js";
import { monthsOf } from "../../../core/report/page/chart.js";
import { html } from "../../../core/report/page/markup.js";
import { renderPage } from "../../../core/report/page/page.js";
import { visible } from "../../../core/report/text.js";
import { EMPTY_INPUT, NOW, teamReport } from "../../support/report.js";

const HOSTILE = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onfocus='alert(1)`,
  `--></style></script><svg/onload=alert(1)>`,
  "a\u202egnp.exe",
  "a\u0000b\nc\u200b",
  "&lt;b&gt;",
  "$& $` $1",
  "| a | b |",
  "[x](https://example.test) ![y](z) `c` <!-- -->",
] as const;

/** A report in which every text that somebody else wrote is `text`. */
function everywhere(text: string): Report {
  const report = teamReport(30);
  return {
    ...report,
    stack: text,
    warnings: [text],
    places: report.places.map((place) => ({
      ...place,
      place: `${place.place}${text}`,
      others: [{ name: text, status: "foreign" }],
      notes: [text],
      faults: [text],
    })),
    secrets: report.secrets.map((secret) => ({
      ...secret,
      name: text,
      source: text,
      issuer: text,
      owner: text,
      places: secret.places.map((at) => ({ ...at, place: `host:${text}`, services: [text] })),
    })),
    outside: report.outside.map((one) => ({
      ...one,
      name: text,
      purpose: text,
      replacedBy: text,
      verify: text,
      still: [text],
    })),
    rotations: report.rotations.map((row) => ({ ...row, date: text, secret: text, reason: text, rotator: text })),
  };
}

/** The page's markup without its own style and script: tags, and what stands between them. */
function tagsOf(page: string): string[] {
  const body = page.replace(/<style>.*?<\/style>/s, "").replace(/<script type="module">.*?<\/script>/s, "");
  return body.match(/<[^>]*>/g) ?? [];
}

describe("the page", () => {
  const page = renderPage(teamReport(30));

  for (const text of HOSTILE) {
    it(`shows ${visible(JSON.stringify(text))} as text wherever it stands`, () => {
      const made = renderPage(everywhere(text));
      const names = (tags: readonly string[]) => new Set(tags.map((tag) => /^<\/?!?([a-z0-9]+)/i.exec(tag)?.[1]));
      assert.deepEqual(
        [...names(tagsOf(made))].filter((name) => !names(tagsOf(page)).has(name)),
        [],
        "no tag that the page does not have by itself",
      );
      const handlers = tagsOf(made).filter((tag) => /\s(?:on\w+|style)\s*=/i.test(tag.replace(/"[^"]*"/g, '""')));
      assert.deepEqual(handlers, []);
      assert.doesNotMatch(made, /[\u0000\u202e\u200b]/);
      assert.ok(made.length > page.length / 2);
    });
  }

  it("lets its own style and script run by their hashes, and nothing else", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    const hashOf = (text: string | undefined) =>
      `'sha256-${createHash("sha256")
        .update(text ?? "")
        .digest("base64")}'`;
    const style = hashOf(/<style>(.*?)<\/style>/s.exec(page)?.[1]);
    const script = hashOf(/<script type="module">(.*?)<\/script>/s.exec(page)?.[1]);
    const directives = [`style-src ${style}`, `script-src ${script}`, "base-uri 'none'", "form-action 'none'"];
    assert.deepEqual(policy.split("; "), ["default-src 'none'", ...directives]);
    assert.ok(page.indexOf(policy) < page.indexOf("<style>"), "the policy comes before what it is about");
    assert.doesNotMatch(page, /\r/);
  });

  it("asks for no other file", () => {
    const asking = tagsOf(page).filter((tag) => /\s(?:src|href|srcset|action|data|poster)="(?!#)/.test(tag));
    assert.deepEqual(asking, []);
    assert.doesNotMatch(page, /@import|url\(|https?:\/\//);
  });

  it("of an empty repository says what is not there", () => {
    const empty = renderPage(buildReport(EMPTY_INPUT)).replace(/\s+/g, " ");
    for (const said of ["hold no secret yet", "name no place", "has no row yet", "names no credential"]) {
      assert.ok(empty.includes(said), said);
    }
  });

  it("counts rotations by month, the last twelve, open ones apart", () => {
    const row = { secret: "a", reason: "r", rotator: "w", state: "confirmed", isChange: true } as const;
    const months = monthsOf(
      [
        { ...row, date: "2026-11-01" },
        { ...row, date: "2026-11-02", state: "pending" },
        { ...row, date: "2025-12-31" },
        { ...row, date: "2025-11-30" },
        { ...row, date: "2026-10-01", isChange: false },
        { ...row, date: "soon" },
      ],
      NOW.toISOString(),
    );
    assert.deepEqual([months.length, months[0]?.month, months.at(-1)?.month], [12, "2025-12", "2026-11"]);
    assert.deepEqual(
      months.filter(({ confirmed, open }) => confirmed + open > 0),
      [
        { month: "2025-12", confirmed: 1, open: 0 },
        { month: "2026-11", confirmed: 1, open: 1 },
      ],
    );
  });
});

describe("markup", () => {
  const cases: readonly [unknown, string][] = [
    ["a < b & c", "a &lt; b &amp; c"],
    [`"'`, "&quot;&#39;"],
    [7, "7"],
    [undefined, ""],
    [["<", html`<i>${">"}</i>`, [1]], "&lt;<i>&gt;</i>1"],
  ];
  for (const [part, expected] of cases) {
    it(`of ${inspect(part)} is ${expected}`, () => {
      assert.equal(html`${part as string}`.text, expected);
    });
  }

  it("shows what cannot be seen, and leaves other scripts alone", () => {
    assert.equal(visible("a\u202eb\u0007"), "a‹U+202E›b‹U+0007›");
    assert.equal(visible("zażółć שלום 漢字 🔑"), "zażółć שלום 漢字 🔑");
  });
});

describe("the Markdown", () => {
  const rowsOf = (text: string) => text.split("\n").filter((line) => line.startsWith("|")).length;

  for (const text of HOSTILE) {
    it(`keeps its form with ${visible(JSON.stringify(text))} everywhere`, () => {
      const made = renderMarkdown(everywhere(text));
      assert.equal(rowsOf(made), rowsOf(renderMarkdown(teamReport(30))));
      assert.doesNotMatch(made, /(?<!\\)<|(?<![\\\]])\]\(/);
      const cells = made.split("\n").filter((line) => line.startsWith("|"));
      const counts = new Set(cells.map((line) => line.replace(/\\./g, "").split("|").length));
      assert.deepEqual(
        [...counts].sort((a, b) => a - b),
        [6, 7, 9, 11],
        "columns of its four tables",
      );
    });
  }

  it("tells the whole of an empty repository in a few lines", () => {
    assert.equal(
      renderMarkdown(buildReport(EMPTY_INPUT)),
      `# Secrets of the stack prod

Every place is equal to git at (no commit).
2026-11-26 08:15 UTC: 0 secrets, 0 not in sync, 0 overdue, 0 due soon, 0 rotations not confirmed, 0 to be rotated.

## Places

None.

## Secrets

None.

## Not in git

None.

## Rotations

None.`,
    );
  });
});
