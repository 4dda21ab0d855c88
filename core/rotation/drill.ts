import { renderColumns } from "./render.js";

/** From the edit to services that run with the new value (spec 03, phase 4). */
export const DRILL_LIMIT_S = 300;

/** One step of a drill that was done. */
export interface Step {
  readonly name: string;
  readonly seconds: number;
  /** What it showed, for people. */
  readonly shown: string;
}

/** The table of a drill: each step with its time, the sum against the limit. */
export function renderDrill(steps: readonly Step[]): string[] {
  const total = totalOf(steps);
  const line = ({ name, seconds, shown }: Step) => [name, `${seconds.toFixed(1)} s`.padStart(7), shown];
  const verdict = isInTime(steps) ? `under ${minutes(DRILL_LIMIT_S)}` : `over ${minutes(DRILL_LIMIT_S)}`;
  return renderColumns([...steps.map(line), ["in all", `${total.toFixed(1)} s`.padStart(7), verdict]]);
}

export function totalOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

export function isInTime(steps: readonly Step[]): boolean {
  return totalOf(steps) < DRILL_LIMIT_S;
}

/** What the drill's row says behind its confirmation: `, drill: 0:42 from the edit to verified`. */
export function remarkFor(steps: readonly Step[]): string {
  return `, drill: ${minutes(totalOf(steps))} from the edit to verified`;
}

/** `1:05` of 65 seconds. */
function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`;
}
