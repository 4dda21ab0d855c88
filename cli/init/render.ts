import type { Finding } from "./step.js";
import { isSettled } from "./walk.js";

/** A line a step, and below it the commands. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ step }) => step.length));
  const indent = " ".repeat(width + 13);
  return findings
    .map(({ step, state, what, how, acted }) =>
      [`  ${word(state, acted).padEnd(7)}  ${step.padEnd(width)}  ${what}`, ...how.map((line) => indent + line)].join(
        "\n",
      ),
    )
    .join("\n");
}

/** What was done just now reads otherwise than what was there. */
function word(state: Finding["state"], acted: boolean): string {
  return state === "done" && acted ? "did" : state;
}

/** One sentence about all of it. */
export function summary(findings: readonly Finding[]): string {
  const count = (...states: Finding["state"][]) => findings.filter(({ state }) => states.includes(state)).length;
  const parts = [
    `${String(findings.filter(isSettled).length)} of ${String(findings.length)} steps are done`,
    ...[
      [count("to do"), "can be done now"],
      [count("needs"), "to do next by you"],
      [count("human"), "only a human can do"],
      [count("waits"), "wait for others"],
      [count("fault"), "failed"],
    ].flatMap(([number, text]) => (number === 0 ? [] : [`${String(number)} ${String(text)}`])),
  ];
  return `${parts.join(", ")}.`;
}
