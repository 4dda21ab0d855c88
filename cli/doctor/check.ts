import type { Fault } from "../../core/fault.js";
import { FaultsError } from "../../core/fault.js";
import type { Assessment, Context } from "../../core/assess.js";

/** How grave it is: `warn` should be repaired and hinders nothing; `fault` is wrong; `unknown` could not be looked at. */
export type Grade = "ok" | "warn" | "fault" | "unknown";

/** One thing that doctor looked at. */
export interface Diagnosis {
  readonly area: string;
  readonly grade: Grade;
  readonly what: string;
  /** The command or edit that repairs it. */
  readonly repair?: string;
}

/** What doctor works on. Whatever could not be read is a list of faults instead. */
export interface Patient {
  readonly root: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  readonly now: Date;
  /** The stack opened, and everything that it compares; `undefined` when git's side does not allow it. */
  readonly opened: { readonly context: Context; readonly seen: Assessment | undefined } | undefined;
  /** Why it could not be opened or compared. */
  readonly faults: readonly Fault[];
}

export interface Check {
  readonly area: string;
  /** Looks, and changes nothing. Throws a FaultsError. */
  look(patient: Patient): Promise<Finding[]>;
}

/** A diagnosis without its area. */
export type Finding = Omit<Diagnosis, "area">;

export function ok(what: string): Finding {
  return { grade: "ok", what };
}

export function bad(grade: Exclude<Grade, "ok">, what: string, repair: string): Finding {
  return { grade, what, repair };
}

/** A fault of another module, as a finding. */
export function ofFault({ where, name, what, repair }: Fault, grade: Exclude<Grade, "ok"> = "fault"): Finding {
  return bad(grade, `${where}: ${name === undefined ? "" : `${name}: `}${what}`, repair);
}

/** Runs all checks side by side, in their order. One that fails says so and hides no other. */
export async function examine(checks: readonly Check[], patient: Patient): Promise<Diagnosis[]> {
  const all = await Promise.all(
    checks.map(async (check) => {
      const found = await check.look(patient).catch((error: unknown) => {
        if (!(error instanceof FaultsError)) {
          throw error;
        }
        return error.faults.map((fault) => ofFault(fault));
      });
      return found.map((finding) => ({ area: check.area, ...finding }));
    }),
  );
  return all.flat();
}
