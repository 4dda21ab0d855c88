// Tables of GitHub's Markdown, read so that every byte can be written back (github.github.com/gfm, "Tables").

/** Lines with their ends; joining them gives the text again. */
export function splitLines(text) {
  return [...text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)]
    .filter(([all]) => all !== "")
    .map(([, content, end]) => ({ text: content, end }));
}

export function whole({ text, end }) {
  return text + end;
}

const DASHES = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** The table that begins at a line: headings, dashes, then rows until a line without a bar. `undefined` when none does. */
export function tableAt(lines, start) {
  const first = lines[start].text;
  const dashes = lines[start + 1]?.text ?? "";
  if (!/^ {0,3}\S/.test(first) || !first.includes("|") || !dashes.includes("|") || !DASHES.test(dashes)) {
    return undefined;
  }
  const headings = cellsOf(first);
  const body = [];
  for (let at = start + 2; lines[at]?.text.includes("|") === true; at += 1) {
    body.push(at);
  }
  return {
    start,
    end: body.at(-1) ?? start + 1,
    headings,
    body,
    indent: /^ */.exec(first)[0],
    /** Of a cell's text, as the headings are aligned. */
    widths: headings.map(({ from, to, text }) => Math.max(text.length, to - from - 2)),
  };
}

/** The cells of a line between its unescaped bars, and where each begins and ends. */
export function cellsOf(text) {
  const bars = [...text.matchAll(/(\\*)\|/g)]
    .filter(([, slashes]) => slashes.length % 2 === 0)
    .map(({ index, 0: all }) => index + all.length - 1);
  const leading = text.trimStart().startsWith("|");
  const trailing = bars.length > (leading ? 1 : 0) && text.slice(bars.at(-1) + 1).trim() === "";
  const edges = [...(leading ? [] : [-1]), ...bars, ...(trailing ? [] : [text.length])];
  return edges.slice(1).map((to, index) => {
    const from = edges[index] + 1;
    return { from, to, text: unescape(text.slice(from, to).trim()) };
  });
}

/** A cell's text: one line, and no bar that would end it. */
export function escape(text) {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .replace(/(\\*)\|/g, "$1$1\\|");
}

function unescape(text) {
  return text.replace(/(\\+)\|/g, (_, slashes) => `${"\\".repeat((slashes.length - 1) / 2)}|`);
}

/** The line with another text in one cell, as wide as before where that is possible. A cell that is not there is added. */
export function withCell(text, cells, index, content) {
  const cell = cells[index];
  if (cell === undefined) {
    const closed = `${text.trimEnd()}${cells.at(-1)?.to === text.length ? " |" : ""}`;
    return `${closed}${" |".repeat(index - cells.length)} ${escape(content)} |`;
  }
  const end = cell.to === text.length ? "" : " ";
  return text.slice(0, cell.from) + ` ${escape(content)}${end}`.padEnd(cell.to - cell.from) + text.slice(cell.to);
}
