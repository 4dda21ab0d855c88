/** Proves what a drill's table and its row say, and that five minutes are too long. */
import assert from "node:assert/strict";

import { isInTime, remarkFor, renderDrill, type Step } from "../../../core/rotation/drill.js";

const step = (name: string, seconds: number, shown: string): Step => ({ name, seconds, shown });

describe("a drill", () => {
  it("is told step by step, and in all", () => {
    assert.deepEqual(
      renderDrill([step("edit", 0.44, "smtp_password"), step("up", 102.06, "every place was written")]),
      ["edit      0.4 s  smtp_password", "up      102.1 s  every place was written", "in all  102.5 s  under 5:00"],
    );
  });

  const times: readonly [seconds: number, inTime: boolean, remark: string][] = [
    [0, true, "0:00"],
    [65.4, true, "1:05"],
    [299.9, true, "5:00"],
    [300, false, "5:00"],
    [3601, false, "60:01"],
  ];
  for (const [seconds, inTime, remark] of times) {
    it(`of ${String(seconds)} seconds is ${inTime ? "in time" : "too slow"}`, () => {
      const steps = [step("a", seconds / 2, ""), step("b", seconds / 2, "")];
      assert.equal(isInTime(steps), inTime);
      assert.equal(remarkFor(steps), `, drill: ${remark} from the edit to verified`);
      assert.equal(
        renderDrill(steps)
          .at(-1)
          ?.endsWith(inTime ? "under 5:00" : "over 5:00"),
        true,
      );
    });
  }
});
