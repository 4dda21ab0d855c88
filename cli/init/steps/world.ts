import { assess } from "../../../core/assess.js";
import { isConverged } from "../../../core/compare/report.js";
import { openStack } from "../../stack.js";
import { done, needs, type Step } from "../step.js";
import { isSettled, waitsFor } from "../walk.js";

/** Every derived place is equal to git. The first `up` is the operator's own: it takes places over. */
export const world: Step = {
  name: "first up",
  async look({ root, stack, env }, earlier) {
    const open = earlier.filter((one) => !isSettled(one) && one.state !== "human").map(({ step }) => step);
    if (open.length > 0) {
      return waitsFor(open);
    }
    const opened = await openStack(root, stack, env);
    try {
      const { reports } = await assess(opened.context);
      const differing = reports.filter((report) => !isConverged(report));
      return differing.length === 0
        ? done("every place is equal to git")
        : needs(
            differing.map(({ place, status }) => `${place} ${status}`).join(", "),
            "npm run preview    shows what would change, and what hinders it",
            "npm run up",
          );
    } finally {
      await opened.close();
    }
  },
};
