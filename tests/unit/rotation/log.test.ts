/**
 * Proves that the rotation log is read as its rows say, and that what is written changes nothing else: tables for the forms
 * that people give a table, properties over generated files. What it does not prove: how GitHub shows the file.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import {
  appendRows,
  closeRows,
  confirmedAt,
  LOG_FILE,
  type LogRow,
  type NewRow,
  parseLog,
  pendingRow,
  toRotateBy,
  withoutRow,
} from "../../../core/rotation/log.mjs";

const HEAD = "| Date | Secret | Reason | Rotator | Confirmed in sync |\n| --- | --- | --- | --- | --- |\n";
const row = (secret: string, more: Partial<NewRow> = {}): NewRow => ({
  ...pendingRow({ date: "2026-11-26", secret, reason: "scheduled", rotator: "radieu" }),
  ...more,
});
/** A row as it is read, without where it stands and what follows from its text. */
const asWritten = ({ date, secret, reason, rotator, confirmed }: NewRow): NewRow => ({
  date,
  secret,
  reason,
  rotator,
  confirmed,
});
const states = (text: string) => parseLog(text).map(({ secret, state }) => `${secret} ${state}`);

describe("the rotation log", () => {
  it("as shipped: six rotations to do, none of them named, and room for more", () => {
    const text = readFileSync(join(__dirname, "../../..", LOG_FILE), "utf8");
    assert.deepEqual(
      states(text),
      [1, 2, 3, 4, 5, 6].map((number) => `flagged ${String(number)} of 6 to rotate`),
    );
    assert.equal(parseLog(appendRows(text, [row("a")])).length, 7);
  });

  const confirmed: readonly [string, LogRow["state"]][] = [
    ["PENDING", "pending"],
    ["pending, vps-h1 is down", "pending"],
    ["PENDING - rotate during bootstrap", "to rotate"],
    ["**PENDING - rotate during bootstrap**", "to rotate"],
    ["PENDING - rotate by 2026-11-27T04:22:11Z", "to rotate"],
    ["pending: rotate after dev_x left", "to rotate"],
    ["PENDING rotation of the host", "pending"],
    ["", "pending"],
    ["no", "pending"],
    ["yes", "confirmed"],
    ["Yes, 2026-11-26T04:22:11Z", "confirmed"],
    ["n/a", "other"],
    ["nobody knows", "other"],
  ];
  for (const [text, state] of confirmed) {
    it(`takes "${text}" for ${state}`, () => {
      assert.deepEqual(states(`${HEAD}| 2026-11-26 | a | r | w | ${text} |\n`), [`a ${state}`]);
    });
  }

  it("gives the time at which a row was confirmed", () => {
    const [read] = parseLog(appendRows("", [row("a", { confirmed: confirmedAt("2026-11-26T04:22:11.123Z") })]));
    assert.deepEqual([read?.confirmed, read?.at], ["yes, 2026-11-26T04:22:11Z", "2026-11-26T04:22:11Z"]);
  });

  it("gives the time by which a rotation has to be done", () => {
    const [read] = parseLog(appendRows("", [row("a", { confirmed: toRotateBy("2026-11-27T04:22:11.123Z") })]));
    assert.deepEqual([read?.state, read?.due, read?.at], ["to rotate", "2026-11-27T04:22:11Z", undefined]);
  });

  const found: readonly [title: string, text: string, rows: string[]][] = [
    ["an empty file", "", []],
    ["prose alone", "# Log\n\nNothing | yet.\n", []],
    [
      "a table without the reasons",
      "| Date | Secret | Rotator | Confirmed |\n|--|--|--|--|\n| d | a | w | yes |\n",
      [],
    ],
    ["a table of something else", "| Date | Topic |\n|--|--|\n| 2026-01-01 | a |\n", []],
    ["an example in a block of code", `\`\`\`md\n${HEAD}| d | a | r | w | yes |\n\`\`\`\n`, []],
    ["an example in a block that is never closed", `~~~\n${HEAD}| d | a | r | w | yes |\n`, []],
    ["a table in an indented block", `    ${HEAD.replace("\n", "\n    ")}`, []],
    ["a table without a row", HEAD, []],
    ["a key in marks of code", `${HEAD}| d | \`a_key\` | r | w | yes |\n`, ["a_key confirmed"]],
    ["a key with underscores around it", `${HEAD}| d | _a_ | r | w | yes |\n`, ["_a_ confirmed"]],
    [
      "other columns, in another order",
      "Confirmed|Ticket|Name|Date|Who|Reason\n--|--|--|--|--|--\nyes|#1|a|d|w|r\nno|#2|b|d|w|r\n",
      ["a confirmed", "b pending"],
    ],
    ["rows that are too short", `${HEAD}| d | a |\n| d | b | r | w | yes |\n`, ["a pending", "b confirmed"]],
    ["a bar inside of a cell", `${HEAD}| d | a | x \\| y | w | yes |\n`, ["a confirmed"]],
    [
      "two tables, the second after an example",
      `${HEAD}| d | a | r | w | yes |\n\n\`\`\`\n|x|\n\`\`\`\n## 2027\n${HEAD}| d | b | r | w | |\n`,
      ["a confirmed", "b pending"],
    ],
    ["CRLF, the last line without an end", `${HEAD}| d | a | r | w | yes |`.replaceAll("\n", "\r\n"), ["a confirmed"]],
    [
      "rows up to the first line without a bar",
      `${HEAD}| d | a | r | w | yes |\nprose\n| d | b | r | w | yes |\n`,
      ["a confirmed"],
    ],
  ];
  for (const [title, text, rows] of found) {
    it(`reads ${title}`, () => {
      assert.deepEqual(states(text), rows);
    });
  }

  const appended: readonly [title: string, text: string, expected: string][] = [
    [
      "a file that is not there",
      "",
      "| Date | Secret | Reason | Rotator | Confirmed in sync |\n" +
        "| ---- | ------ | ------ | ------- | ----------------- |\n" +
        "| 2026-11-26 | a | scheduled | radieu | PENDING |\n",
    ],
    [
      "behind the last row, before what follows",
      `${HEAD}| d | b | r | w | yes |\n\nprose`,
      `${HEAD}| d | b | r | w | yes |\n| 2026-11-26 | a | scheduled | radieu | PENDING |\n\nprose`,
    ],
  ];
  for (const [title, text, expected] of appended) {
    it(`appends: ${title}`, () => {
      assert.equal(appendRows(text, [row("a")]).replace(/ +\|/g, " |"), expected);
    });
  }

  it("appends into a table's own columns, its width and its line ends", () => {
    const text =
      "| Confirmed in sync | Ticket | Secret        | Date       | Reason | Who |\r\n|---|---|---|---|---|---|\r\n";
    assert.equal(
      appendRows(text, [row("a | b")]),
      `${text}| PENDING           |        | a \\| b        | 2026-11-26 | scheduled | radieu |\r\n`,
    );
  });

  it("closes a row in place: the cell's width, the row's other cells and the others' bytes stay", () => {
    const head = ["|Date|Secret|Reason|Who|Note|Confirmed in sync                 |", "|--|--|--|--|--|--|"];
    const text = [
      "|d | a|r|w|  odd  |PENDING - rotate during bootstrap |",
      "|d | b|r|w|  odd  |PENDING|",
      "|d | a|r|w|",
      "d | a | r | w | n | no",
      "|d | a|r|w| | yes, long ago |",
      "",
    ];
    const after = [
      "|d | a|r|w|  odd  | yes, now                         |",
      "|d | b|r|w|  odd  |PENDING|",
      "|d | a|r|w| | yes, now |",
      "d | a | r | w | n | yes, now",
      "|d | a|r|w| | yes, long ago |",
      "",
    ];
    const closed = closeRows([...head, ...text].join("\r\n"), ({ secret }) => secret === "a", "yes, now");
    assert.deepEqual(
      closed.closed.map(({ line }) => line),
      [3, 5, 6],
    );
    assert.equal(closed.text, [...head, ...after].join("\r\n"));
  });

  it("tells which changes have no row of their own", () => {
    const before = appendRows("", [
      row("a"),
      row("vps-i1/d"),
      row("to_do", { confirmed: "PENDING - rotate during bootstrap" }),
    ]);
    const after = appendRows(before, [row("b"), row("vps-h1/d")]);
    assert.deepEqual(withoutRow(["a", "b", "c", "d", "to_do"], before, after), ["a", "c", "to_do"]);
    assert.deepEqual(withoutRow(["a"], "", after), []);
  });
});

const LINES = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g;

/** A cell as it may come: any text of one line without Markdown's marks around it. */
const cell = fc
  .string({ unit: fc.constantFrom(...Array.from("ab1_-. |\\`*é漢"), "\u2028", "\t"), maxLength: 12 })
  .map((text) => text.replace(/[\s\u2028]+/g, " ").trim())
  .filter((text) => !/^[`*]|[`*]$/.test(text));
const newRow: fc.Arbitrary<NewRow> = fc.record(
  {
    date: cell,
    secret: cell,
    reason: cell,
    rotator: cell,
    confirmed: fc.constantFrom(
      "PENDING",
      "PENDING - rotate during bootstrap",
      "yes",
      "yes, 2026-11-26T04:22:11Z",
      "n/a",
    ),
  },
  { noNullPrototype: true },
);
/** Lines of a file that a person wrote: prose, code, tables with and without what the log needs. */
const fileLine = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from("ab |\\`~-:#>")), maxLength: 20 }),
  fc.constantFrom(
    "",
    "```",
    "~~~",
    "| Rotator | Date | Secret | Confirmed | Note | Reason |",
    "|--|:-:|--|-|--|---|",
    "| w | d | s | no | n | r |",
    HEAD.trimEnd(),
  ),
);
const file = fc
  .tuple(
    fc.array(fc.tuple(fileLine, fc.constantFrom("\n", "\r\n", "\n", "\r"))),
    fc.constantFrom("", "end", "| d | s | no |"),
  )
  .map(([lines, last]) => lines.map(([text, end]) => text + end).join("") + last);

describe("the rotation log, whatever stands in it", () => {
  it("is written back byte for byte when nothing is closed", () => {
    fc.assert(
      fc.property(file, (text) => {
        assert.equal(closeRows(text, () => false, "yes").text, text);
        assert.equal(appendRows(text, []), text);
      }),
    );
  });

  it("gets the rows that are appended, as they are, behind those that it had; nothing is lost", () => {
    fc.assert(
      fc.property(file, fc.array(newRow, { minLength: 1, maxLength: 4 }), (text, rows) => {
        const after = appendRows(text, rows);
        const read = parseLog(after);
        const former = parseLog(text).map(asWritten);
        assert.deepEqual(read.slice(0, former.length).map(asWritten), former);
        assert.deepEqual(read.slice(former.length).map(asWritten), rows);
        const added = new Set(read.slice(former.length).map(({ line }) => line));
        const kept = after.match(LINES)?.filter((_, index) => !added.has(index + 1)) ?? [];
        // But for a table, when there was none, and the end of the last line, when it had none.
        assert.ok(
          [text, `${text}\n`, `${text}\r\n`, `${text}\r`].some((one) => kept.join("").startsWith(one)),
          after,
        );
      }),
    );
  });

  it("is closed in the rows that fit, and nowhere else", () => {
    fc.assert(
      fc.property(file, fc.array(newRow), cell, (text, rows, secret) => {
        const before = appendRows(text, rows);
        const { text: after, closed } = closeRows(before, (one) => one.secret === secret, "yes, 2026-11-26T04:22:11Z");
        const lines = (one: string) => one.split(/\r\n|\n|\r/);
        const changed = lines(after).flatMap((line, index) => (line === lines(before)[index] ? [] : [index + 1]));
        assert.deepEqual(
          changed,
          closed.map(({ line }) => line),
        );
        assert.deepEqual(
          parseLog(after).map(asWritten),
          parseLog(before).map((one) =>
            asWritten(
              closed.some(({ line }) => line === one.line) ? { ...one, confirmed: "yes, 2026-11-26T04:22:11Z" } : one,
            ),
          ),
        );
      }),
    );
  });
});
