/**
 * A fault for people: what is wrong, where, and the command or action that repairs it. Shown without stack or cause.
 */
export class ToolchainError extends Error {
  /**
   * @param {string} what
   * @param {{ where?: string, repair?: string, code?: string }} [details] `code` is for programs, e.g. `CHECKSUM_MISMATCH`.
   */
  constructor(what, { where, repair, code } = {}) {
    super([what, where && `  where: ${where}`, repair && `  repair: ${repair}`].filter(Boolean).join("\n"));
    this.name = "ToolchainError";
    this.code = code ?? "TOOLCHAIN";
  }
}

/**
 * One error out of many, so that a run names all its faults at once.
 *
 * @param {Error[]} faults at least one
 * @returns {Error}
 */
export function joinFaults(faults) {
  if (faults.length === 1) return faults[0];
  const joined = new ToolchainError(faults.map((fault) => fault.message).join("\n\n"));
  joined.code = faults.find((fault) => fault.code)?.code ?? joined.code;
  return joined;
}
