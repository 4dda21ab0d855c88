import type { Status } from "../../compare/report.js";
import type { Standing } from "../model.js";
import { html, type Markup } from "./markup.js";

/** How good something is. It decides colour and mark; a word always stands beside them. */
export type Mood = "good" | "warn" | "bad" | "calm";

export function moodOf(status: Status): Mood {
  switch (status) {
    case "in sync":
      return "good";
    case "differs":
    case "missing":
    case "unreachable":
      return "bad";
    case "stale process":
    case "adopted":
      return "warn";
    case "orphan":
    case "foreign":
    case "not asked":
      return "calm";
  }
}

export function moodOfAge(standing: Standing): Mood {
  switch (standing) {
    case "overdue":
    case "unknown":
      return "bad";
    case "soon":
      return "warn";
    case "in time":
      return "good";
    case "none":
      return "calm";
  }
}

/** Marks are drawn, because fonts differ; shape tells what colour tells. */
export const MARKS = html`<svg class="defs" aria-hidden="true" focusable="false">
  <symbol id="good" viewBox="0 0 12 12"><path d="M2.5 6.5 5 9l4.5-6" /></symbol>
  <symbol id="bad" viewBox="0 0 12 12"><path d="M3 3l6 6M9 3l-6 6" /></symbol>
  <symbol id="warn" viewBox="0 0 12 12"><path d="M6 2v4.6M6 9.4v.2" /></symbol>
  <symbol id="calm" viewBox="0 0 12 12"><path d="M3 6h6" /></symbol>
</svg>`;

/** A mark beside a word. */
export function mark(mood: Mood): Markup {
  return html`<svg class="mark ${mood}" viewBox="0 0 12 12" aria-hidden="true"><use href="#${mood}" /></svg>`;
}

/** A word with its mark. */
export function marked(mood: Mood, words: string): Markup {
  return html`<span class="said ${mood}">${mark(mood)}${words}</span>`;
}
