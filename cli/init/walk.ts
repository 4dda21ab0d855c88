import { type Fault, FaultsError, renderFault } from "../../core/fault.js";
import { type Finding, type Look, type Site, type Step, waits } from "./step.js";

/**
 * Goes through the steps in their order. With `act` whatever can be done is done, and looked at again; without it nothing
 * changes. A step that fails stops only those that wait for it. `say` is told what is about to be done.
 */
export async function walk(
  steps: readonly Step[],
  site: Site,
  act: boolean,
  say: (text: string) => void = () => undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const step of steps) {
    findings.push(await walkOne(step, site, findings, act, say));
  }
  return findings;
}

async function walkOne(
  step: Step,
  site: Site,
  earlier: readonly Finding[],
  act: boolean,
  say: (text: string) => void,
): Promise<Finding> {
  let acted = false;
  try {
    let look = await step.look(site, earlier);
    // What a step still finds after it has acted is left: else two steps could undo each other for ever.
    if (act && look.state === "to do") {
      say(`${step.name}: ${look.what}`);
      acted = true;
      await look.act();
      look = await step.look(site, earlier);
    }
    return { step: step.name, state: look.state, what: look.what, how: howOf(look), acted, faults: [] };
  } catch (error) {
    if (!(error instanceof FaultsError)) {
      throw error;
    }
    return faulty(step.name, error.faults, acted);
  }
}

function howOf(look: Look): readonly string[] {
  return "how" in look ? look.how : [];
}

function faulty(step: string, faults: readonly Fault[], acted: boolean): Finding {
  const [first, ...others] = faults.map((fault) => renderFault(fault));
  return { step, state: "fault", what: first ?? "", how: others, acted, faults };
}

/** Whether a step leaves nothing open. What only a person can know is not open. */
export function isSettled({ state }: Pick<Finding, "state">): boolean {
  return state === "done" || state === "yours";
}

/** The names of earlier steps that are not settled, of those that `of` names. */
export function openOf(earlier: readonly Finding[], ...of: readonly string[]): string[] {
  return earlier.filter((one) => of.includes(one.step) && !isSettled(one)).map(({ step }) => step);
}

/** What a step says that waits for these. */
export function waitsFor(open: readonly string[], why = ""): Look {
  const shown = open.length > MOST_SHOWN ? `${String(open.length)} steps above` : open.join(", ");
  return waits(`for ${shown}${why === "" ? "" : `: ${why}`}`);
}

const MOST_SHOWN = 3;
