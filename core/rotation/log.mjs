// docs/secrets-rotation-log.md: reads its rows, adds rows, closes rows. Everything else in the file is a human's: prose,
// columns and tables that are not known here, alignment and line ends stay byte for byte.
//
// Plain JavaScript without a dependency: the pre-commit hook loads it on every commit, without the TypeScript loader.
// Types and what they mean: log.d.mts.
import { cellsOf, escape, splitLines, tableAt, whole, withCell } from "./table.mjs";

export { changedKeys } from "./changes.mjs";

/** Where the log lies, from the repository's root. */
export const LOG_FILE = "docs/secrets-rotation-log.md";

/** What stands in "Confirmed in sync" until every place has the new value. */
export const PENDING = "PENDING";

/** What stands there for a rotation that nobody has begun (spec 03, bootstrap, step 11). */
export const TO_ROTATE = `${PENDING} - rotate during bootstrap`;

/** The same for one that has to be done by a time, ISO 8601 in UTC. */
export function toRotateBy(time) {
  return `${PENDING} - rotate by ${time.replace(/\.\d+Z$/, "Z")}`;
}

const HEADINGS = {
  date: "Date",
  secret: "Secret",
  reason: "Reason",
  rotator: "Rotator",
  confirmed: "Confirmed in sync",
};

/** Headings by which a column is known, in lower case. A table that lacks one of the columns is not the log's. */
const KNOWN = {
  date: ["date"],
  secret: ["secret", "secret name", "name"],
  reason: ["reason"],
  rotator: ["rotator", "rotated by", "who"],
  confirmed: ["confirmed in sync", "confirmed"],
};

/** All rows of the file's log tables, from the first to the last. */
export function parseLog(text) {
  return read(text).tables.flatMap(({ rows }) => rows.map(({ row }) => row));
}

/**
 * The text with these rows behind the last row of its last log table; a text without such a table gets one at its end, so
 * nothing is ever lost. A cell is made to fit one line; columns that are not known here stay empty.
 */
export function appendRows(text, rows) {
  if (rows.length === 0) {
    return text;
  }
  const { lines, tables, eol } = read(text);
  const table = tables.at(-1);
  if (table === undefined) {
    return appendRows(withTable(text), rows);
  }
  const added = rows.map((row) => {
    const cells = table.widths.map((width, index) => escape(row[table.nameAt(index)] ?? "").padEnd(width));
    return `${table.indent}| ${cells.join(" | ")} |${eol}`;
  });
  const last = lines[table.end];
  lines[table.end] = { ...last, end: last.end === "" ? eol : last.end };
  return [...lines.slice(0, table.end + 1).map(whole), ...added, ...lines.slice(table.end + 1).map(whole)].join("");
}

/**
 * Writes `confirmed` into the last of the log's columns in every open row that `fits`; all other bytes stay. Gives the
 * rows as they were, too.
 */
export function closeRows(text, fits, confirmed) {
  const { lines, tables } = read(text);
  const closed = [];
  for (const table of tables) {
    for (const { row, at, cells } of table.rows) {
      if (isOpen(row) && fits(row)) {
        closed.push(row);
        lines[at] = { ...lines[at], text: withCell(lines[at].text, cells, table.columns.confirmed, confirmed) };
      }
    }
  }
  return { text: lines.map(whole).join(""), closed };
}

/** Whether a row waits: for its places, or for somebody to begin. */
export function isOpen({ state }) {
  return state === "pending" || state === "to rotate";
}

/** The row of a value that has just been changed. */
export function pendingRow({ date, secret, reason, rotator }) {
  return { date, secret, reason, rotator, confirmed: PENDING };
}

/** What a closed row says. `at`: when the comparison saw every place in sync, ISO 8601 in UTC. */
export function confirmedAt(at) {
  return `yes, ${at.replace(/\.\d+Z$/, "Z")}`;
}

/** Those of `secrets` for which `after` has no more rows than `before`: their change was not logged. */
export function withoutRow(secrets, before, after) {
  const former = countRows(before);
  const present = countRows(after);
  return secrets.filter((name) => (present.get(keyOf(name)) ?? 0) <= (former.get(keyOf(name)) ?? 0));
}

/** `vps-i1/api_secret` names one of two secrets with the same key; of all others the key alone is the name. */
export function keyOf(secret) {
  return secret.slice(secret.indexOf("/") + 1);
}

function countRows(text) {
  const counts = new Map();
  for (const { secret } of parseLog(text).filter(({ state }) => state !== "to rotate")) {
    counts.set(keyOf(secret), (counts.get(keyOf(secret)) ?? 0) + 1);
  }
  return counts;
}

/** The log's tables. What stands in a fenced block of code is an example and no table. */
function read(text) {
  const lines = splitLines(text);
  const tables = [];
  let fence;
  for (let at = 0; at < lines.length; at += 1) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(lines[at].text)?.[1];
    if (fence !== undefined) {
      fence = mark?.startsWith(fence) === true ? undefined : fence;
    } else if (mark !== undefined) {
      fence = mark;
    } else {
      const table = tableAt(lines, at);
      at = table?.end ?? at;
      tables.push(...(table === undefined ? [] : logTable(table, lines)));
    }
  }
  const eol = (tables.length > 0 ? lines[tables.at(-1).start] : lines.find(({ end }) => end !== ""))?.end ?? "\n";
  return { lines, tables, eol, fence };
}

/** The table with its rows read, when it is one of the log's. */
function logTable(table, lines) {
  const columns = {};
  for (const [name, known] of Object.entries(KNOWN)) {
    const index = table.headings.findIndex(({ text }) => known.includes(plain(text).toLowerCase()));
    if (index !== -1) {
      columns[name] = index;
    }
  }
  if (Object.keys(columns).length < Object.keys(KNOWN).length) {
    return [];
  }
  const rows = table.body.map((at) => {
    const cells = cellsOf(lines[at].text);
    return { at, cells, row: rowOf(cells, columns, at + 1) };
  });
  const nameAt = (index) => Object.keys(columns).find((name) => columns[name] === index);
  return [{ ...table, columns, rows, nameAt }];
}

function rowOf(cells, columns, line) {
  const cell = (name) => plain(cells[columns[name] ?? -1]?.text ?? "");
  const confirmed = cell("confirmed");
  const state = stateOf(confirmed);
  const time = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/.exec(confirmed)?.[0];
  return {
    line,
    date: cell("date"),
    secret: cell("secret"),
    reason: cell("reason"),
    rotator: cell("rotator"),
    confirmed,
    state,
    ...(time === undefined || state !== "confirmed" ? {} : { at: time }),
    ...(time === undefined || state !== "to rotate" ? {} : { due: time }),
  };
}

function stateOf(confirmed) {
  if (/^pending\W+rotate\b/i.test(confirmed)) {
    return "to rotate";
  }
  if (/^(?:pending\b|no\b|$)/i.test(confirmed)) {
    return "pending";
  }
  return /^yes\b/i.test(confirmed) ? "confirmed" : "other";
}

/** Without the marks with which people set a word apart in Markdown. */
function plain(text) {
  return text.replace(/^([`*]+)(.*)\1$/, "$2").trim();
}

/** The text with a table of the log at its end. A block of code that is still open ends before it. */
function withTable(text) {
  const { lines, eol, fence } = read(text);
  const headings = Object.values(HEADINGS);
  const head = [`| ${headings.join(" | ")} |`, `| ${headings.map((name) => "-".repeat(name.length)).join(" | ")} |`];
  const before = text === "" ? "" : lines.at(-1).end === "" ? eol : "";
  const blank = [...(fence === undefined ? [] : [fence]), ...(text === "" ? [] : [""])];
  return text + before + [...blank, ...head].map((one) => one + eol).join("");
}
