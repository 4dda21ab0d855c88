import { findPrograms } from "../../tools.js";
import { done, human, type Step } from "../step.js";

/** The programs that the bootstrap starts. */
export const tools: Step = {
  name: "tools",
  async look({ env }) {
    const programs = await findPrograms(env);
    const unfit = programs.filter(({ fits }) => !fits);
    if (unfit.length === 0) {
      return done(programs.map(({ name, version }) => `${name} ${version ?? ""}`).join(", "));
    }
    const missing = unfit.map(
      ({ name, version, wanted }) => `${name} is ${version ?? "not on PATH"} (needed: ${wanted})`,
    );
    return human(
      missing.join("; "),
      "node toolchain/setup.mjs    brings them; put the folder that its last line names on PATH",
      ...(unfit.some(({ name }) => name === "git") ? ["git: https://git-scm.com/downloads"] : []),
    );
  },
};
