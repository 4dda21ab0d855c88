import { assess } from "../../core/assess.js";
import { type Fault, FaultsError } from "../../core/fault.js";
import { accept, type Criterion } from "../doctor/acceptance.js";
import { type Diagnosis, examine, type Patient } from "../doctor/check.js";
import { CHECKS } from "../doctor/checks.js";
import { openStack, type OpenStack, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Verb } from "../verb.js";

/** Looks at everything that has to be right here, at the hosts and in git, and says how to repair what is not. */
export const doctor: Verb = {
  name: "doctor",
  summary: "look at tools, identities, recipients, hook, backend and places, each finding with its repair",
  example: "npm run p24 -- doctor --acceptance",
  words: [0, 0],
  options: { acceptance: { type: "boolean" }, json: { type: "boolean" }, stack: { type: "string", short: "s" } },
  optionHelp: [
    "--acceptance      the spec's acceptance criteria instead: met, not met, needs a human, each with its evidence",
    "--json            the same as JSON",
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
  ],
  async run({ options, root, env, print }) {
    const stack = stackName(options["stack"], env);
    const { patient, close } = await open(root, stack, env, new Date());
    try {
      if (options["acceptance"] === true) {
        const criteria = await accept(patient);
        print(options["json"] === true ? JSON.stringify({ stack, criteria }, undefined, 2) : renderCriteria(criteria));
        return criteriaCode(criteria);
      }
      const found = await examine(CHECKS, patient);
      print(
        options["json"] === true ? JSON.stringify({ stack, findings: found }, undefined, 2) : renderDiagnoses(found),
      );
      return diagnosesCode(found);
    } finally {
      await close();
    }
  },
};

/** What can be opened is opened; why the rest cannot be is kept for the checks that are about it. */
async function open(root: string, stack: string, env: NodeJS.ProcessEnv, now: Date) {
  const faults: Fault[] = [];
  const attempt = async <T>(step: Promise<T>): Promise<T | undefined> => {
    try {
      return await step;
    } catch (error) {
      if (!(error instanceof FaultsError)) {
        throw error;
      }
      faults.push(...error.faults);
      return undefined;
    }
  };
  const opened: OpenStack | undefined = await attempt(openStack(root, stack, env));
  const seen = opened && (await attempt(assess(opened.context)));
  const patient: Patient = {
    root,
    stack,
    env,
    now,
    opened: opened && { context: opened.context, seen },
    faults,
  };
  return { patient, close: async () => opened?.close() };
}

/** A line a finding, and below it the repair. */
export function renderDiagnoses(found: readonly Diagnosis[]): string {
  const width = Math.max(0, ...found.map(({ area }) => area.length));
  const indent = " ".repeat(width + 13);
  const lines = found.flatMap(({ area, grade, what, repair }) => [
    `  ${grade.padEnd(7)}  ${area.padEnd(width)}  ${what}`,
    ...(repair === undefined ? [] : [`${indent}repair: ${repair}`]),
  ]);
  const open = found.filter(({ grade }) => grade !== "ok").length;
  const last =
    open === 0 ? "Everything is in order." : `${String(open)} of ${String(found.length)} findings are to be repaired.`;
  return [...lines, "", last].join("\n");
}

export function diagnosesCode(found: readonly Diagnosis[]): ExitCode {
  if (found.some(({ grade }) => grade === "fault")) {
    return EXIT.badInput;
  }
  return found.some(({ grade }) => grade === "unknown") ? EXIT.blocked : EXIT.ok;
}

/** The spec's list as a table. */
export function renderCriteria(criteria: readonly Criterion[]): string {
  const width = "needs a human".length;
  const indent = " ".repeat(width + 7);
  const lines = criteria.flatMap(({ number, text, verdict, evidence, next }) => [
    `  ${String(number)}  ${verdict.padEnd(width)}  ${text}`,
    `${indent}${evidence}`,
    ...(next === undefined ? [] : [`${indent}next: ${next}`]),
  ]);
  const met = criteria.filter(({ verdict }) => verdict === "met").length;
  return [...lines, "", `${String(met)} of ${String(criteria.length)} acceptance criteria are met.`].join("\n");
}

export function criteriaCode(criteria: readonly Criterion[]): ExitCode {
  if (criteria.some(({ verdict }) => verdict === "not met")) {
    return EXIT.badInput;
  }
  return criteria.every(({ verdict }) => verdict === "met") ? EXIT.ok : EXIT.blocked;
}
