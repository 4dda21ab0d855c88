/** What doctor works on in a clone whose stack is not open. */
import type { Patient } from "../../cli/doctor/check.js";
import type { Clone } from "./clone.js";

export function patientOf({ root, env }: Clone, now = new Date()): Patient {
  return { root, stack: "test", env, now, opened: undefined, faults: [] };
}
