import type { Fault } from "../../core/fault.js";

const STATES = ["ok", "change", "done", "refused", "failed"] as const;

/** One line of host/install. */
export interface Step {
  readonly state: (typeof STATES)[number];
  /** `tools`, `identity`, `line`. */
  readonly step: string;
  readonly text: string;
}

/** What host/install said. */
export interface Answer {
  readonly steps: readonly Step[];
  /** What makes the sync user more than our rule does; nothing of it was changed. */
  readonly holes: readonly string[];
  /** The public part of the host's age identity, when it has one. */
  readonly recipient: string | undefined;
  /** The host's public SSH identity, as the settings pin it. */
  readonly hostKey: string | undefined;
  /** What a person must repair before the host is ready. */
  readonly faults: readonly Fault[];
}

/** Reads the lines of host/install. What a login shell printed around them is dropped. */
export function readAnswer(where: string, stdout: string): Answer {
  const lines = stdout.split(/\r?\n/).map((line) => line.replace(/[^ -~]/gu, "?"));
  const only = (form: RegExp) => lines.flatMap((line) => form.exec(line)?.[1] ?? []);
  const steps = lines.flatMap(readStep);
  const cut = { where, what: "ended the connection before its answer was whole", repair: "run again" };
  return {
    steps,
    holes: only(/^hole (.+)$/),
    recipient: only(/^public (age1[0-9a-z]+)$/)[0],
    hostKey: only(/^hostkey ([a-z0-9-]+ [A-Za-z0-9+/=]+)$/)[0],
    faults: [...stepFaults(where, steps), ...(lines.includes("end") ? [] : [cut])],
  };
}

function readStep(line: string): Step[] {
  const [, said, step = "", text = ""] = /^([a-z]+) ([a-z]+) (.+)$/.exec(line) ?? [];
  const state = STATES.find((one) => one === said);
  return state === undefined ? [] : [{ state, step, text }];
}

/** One line a step, in columns. */
export function renderSteps(steps: readonly Step[]): string {
  const width = Math.max(0, ...steps.map(({ step }) => step.length));
  return steps.map(({ state, step, text }) => `  ${state.padEnd(7)}  ${step.padEnd(width)}  ${text}`).join("\n");
}

function stepFaults(where: string, steps: readonly Step[]): Fault[] {
  return steps.flatMap(({ state, step, text }) => {
    switch (state) {
      case "refused": {
        const [what = "", repair = ""] = text.split(". Repair: ");
        return [{ where, name: step, what, repair }];
      }
      case "failed":
        return [
          {
            where,
            name: step,
            what: `failed: ${text}`,
            repair: "see what the host said above; repair it and run again",
          },
        ];
      case "ok":
      case "change":
      case "done":
        return [];
    }
  });
}
