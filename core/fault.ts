/**
 * What a person is told when something is wrong: where it is, what it is, how to repair it. Never a value, never the
 * text of a library's error (parsers and processes repeat their input in theirs).
 */
export interface Fault {
  /** File, host, repository or setting that is at fault, as the operator would name it. */
  readonly where: string;
  /** The name inside of it: a secret's name, a setting's path. */
  readonly name?: string;
  readonly what: string;
  /** The command or edit that repairs it. */
  readonly repair: string;
}

/** One line a fault: `secrets/shared.sops.yaml: smtp_port: is a number. Repair: put it in quotes`. */
export function renderFault(fault: Fault): string {
  const name = fault.name === undefined ? "" : `${fault.name}: `;
  return `${fault.where}: ${name}${fault.what}. Repair: ${fault.repair}`;
}

/** All faults of a run. The only error that this program throws at people; it carries no cause and prints no stack. */
export class FaultsError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(renderFault).join("\n"));
    this.name = "FaultsError";
    this.faults = faults;
  }
}

/**
 * Gathers the faults of several steps, so that a run reports all of them and not only the first, in the order in which
 * the steps were begun.
 */
export class FaultList {
  readonly #ofSteps: Fault[][] = [];

  add(fault: Fault): void {
    this.#ofSteps.push([fault]);
  }

  /** Runs `step`; when it throws faults they are kept and `undefined` is returned. Other errors pass. */
  collect<T>(step: () => T): T | undefined {
    const kept = this.#begin();
    try {
      return step();
    } catch (error) {
      keep(error, kept);
      return undefined;
    }
  }

  /** As `collect`, for a promise. */
  async collectAsync<T>(step: Promise<T>): Promise<T | undefined> {
    const kept = this.#begin();
    try {
      return await step;
    } catch (error) {
      keep(error, kept);
      return undefined;
    }
  }

  /** Throws a {@link FaultsError} when there is any fault. */
  throwIfAny(): void {
    const faults = this.#ofSteps.flat();
    if (faults.length > 0) {
      throw new FaultsError(faults);
    }
  }

  #begin(): Fault[] {
    const kept: Fault[] = [];
    this.#ofSteps.push(kept);
    return kept;
  }
}

function keep(error: unknown, kept: Fault[]): void {
  if (!(error instanceof FaultsError)) {
    throw error;
  }
  kept.push(...error.faults);
}
