/** Proves how a walk goes through its steps, whatever they are, and what it prints of them. */
import assert from "node:assert/strict";

import { renderFindings, summary } from "../../../../cli/init/render.js";
import { done, human, type Look, needs, type Site, type Step, toDo } from "../../../../cli/init/step.js";
import { openOf, walk, waitsFor } from "../../../../cli/init/walk.js";
import { FaultsError } from "../../../../core/fault.js";

const SITE = {} as Site;
const FAULT = { where: "git", what: "is off", repair: "start it" };

function step(name: string, look: (earlier: readonly string[]) => Look): Step {
  return { name, look: (_, earlier) => Promise.resolve().then(() => look(openOf(earlier, "a", "b"))) };
}

/** A step that is done once it was acted, and how often that was. */
function switchable(name: string): { step: Step; acted: () => number } {
  let times = 0;
  const look = () =>
    times > 0 ? done("is there") : toDo("makes it", () => Promise.resolve().then(() => void (times += 1)));
  return { step: step(name, look), acted: () => times };
}

describe("a walk", () => {
  it("without acting changes nothing, and says what could be done now and what would wait", async () => {
    const a = switchable("a");
    const b = step("b", (open) => (open.length === 0 ? done("yes") : waitsFor(open)));
    const findings = await walk([a.step, b], SITE, false);
    assert.deepEqual(
      findings.map(({ state, what, acted }) => [state, what, acted]),
      [
        ["to do", "makes it", false],
        ["waits", "for a", false],
      ],
    );
    assert.equal(a.acted(), 0);
  });

  it("acts once a step, looks again, and lets the next one see it", async () => {
    const [a, b] = [switchable("a"), switchable("b")];
    const said: string[] = [];
    const findings = await walk([a.step, b.step], SITE, true, (text) => said.push(text));
    assert.deepEqual(
      findings.map(({ state, acted }) => [state, acted]),
      [
        ["done", true],
        ["done", true],
      ],
    );
    assert.deepEqual([a.acted(), b.acted(), said], [1, 1, ["a: makes it", "b: makes it"]]);
    assert.deepEqual(
      (await walk([a.step, b.step], SITE, true)).map(({ acted }) => acted),
      [false, false],
    );
  });

  it("does not act for ever on a step that finds itself undone", async () => {
    let acted = 0;
    const never = step("a", () => toDo("tries", () => Promise.resolve().then(() => void (acted += 1))));
    assert.deepEqual([(await walk([never], SITE, true))[0]?.state, acted], ["to do", 1]);
  });

  for (const [title, failing] of [
    [
      "looking",
      () => {
        throw new FaultsError([FAULT, FAULT]);
      },
    ],
    ["acting", () => toDo("tries", () => Promise.reject(new FaultsError([FAULT, FAULT])))],
  ] as const) {
    it(`goes on past a step that fails while ${title}, and those that wait for it wait`, async () => {
      const b = step("b", (open) => (open.length === 0 ? done("yes") : waitsFor(open)));
      const c = switchable("c");
      const findings = await walk([step("a", failing), b, c.step], SITE, true);
      assert.deepEqual(
        findings.map(({ state }) => state),
        ["fault", "waits", "done"],
      );
      assert.deepEqual(
        [findings[0]?.what, findings[0]?.how],
        ["git: is off. Repair: start it", ["git: is off. Repair: start it"]],
      );
    });
  }

  it("does not hide a fault of the program itself", async () => {
    await assert.rejects(
      walk(
        [
          step("a", () => {
            throw new TypeError("a bug");
          }),
        ],
        SITE,
        false,
      ),
      TypeError,
    );
  });

  it("is printed in columns, with the commands below, and one sentence", async () => {
    const steps = [
      switchable("a").step,
      step("longer", () => needs("a value is missing", "give it", "or not")),
      step("c", () => human("cannot be done here", "by hand")),
      step("d", () => ({ state: "yours", what: "who knows", how: [] })),
      step("e", () => waitsFor(["1", "2", "3", "4"], "why")),
    ];
    const findings = await walk(steps, SITE, true);
    assert.equal(
      renderFindings(findings),
      [
        "  did      a       is there",
        "  needs    longer  a value is missing",
        "                   give it",
        "                   or not",
        "  human    c       cannot be done here",
        "                   by hand",
        "  yours    d       who knows",
        "  waits    e       for 4 steps above: why",
      ].join("\n"),
    );
    assert.equal(
      summary(findings),
      "2 of 5 steps are done, 1 to do next by you, 1 only a human can do, 1 wait for others.",
    );
  });
});
