// @ts-check
/** What a refused commit or push says. */
import { isAllowable } from "./allow.mjs";
import { renderFinding } from "./finding.mjs";

/**
 * @param {readonly import("./finding.mjs").Finding[]} findings
 * @param {"commit" | "push"} what
 */
export function refusal(findings, what) {
  const blobs = findings.filter(({ blob, rule }) => blob !== "" && isAllowable(rule));
  return [
    `guard: this ${what} is refused.`,
    ...findings.map(renderFinding),
    ...(blobs.length === 0
      ? []
      : [
          "A false alarm? Write its line into guard/allow.txt, with the reason, and stage that file:",
          ...new Set(blobs.map(({ blob, rule }) => `  ${blob} ${rule} REASON`)),
        ]),
  ].join("\n");
}
