/** Proves when the step that makes the token runs, given the conditions of the steps that use it. */
import assert from "node:assert/strict";

import { conditionValue, covers, expressionOf, jointCondition } from "../../../core/workflows/condition.js";

describe("the condition of the token's step", () => {
  const push = "github.event_name == 'push'";
  const cases: readonly [string, (string | undefined)[], string | undefined][] = [
    ["none when none has one", [undefined, undefined], undefined],
    ["theirs when all have the same", [push, push], push],
    ["failure() for a notice of failure", ["failure()"], "failure()"],
    ["whatever happened, when one runs after a failure", [undefined, "failure()"], "!cancelled()"],
    [
      "whatever happened, when one runs after a failure of some kind",
      [push, "failure() && inputs.loud"],
      "!cancelled()",
    ],
    ["always, when one does", [undefined, "failure()", "always()"], "always()"],
    ["always, when one runs after cancelling", ["success()", "cancelled()"], "always()"],
    ["either of two", [push, "inputs.publish"], `(${push}) || (inputs.publish)`],
    ["none when one of them has none", [push, undefined], undefined],
    ["none when a later one waits for a step", [push, "steps.diff.outputs.changed == 'true'"], undefined],
    ["none when one reads its own variable", ["env.GH_TOKEN != ''"], undefined],
    [
      "whatever happened, when one reads its own variable after a failure",
      ["failure() && env.A != ''"],
      "!cancelled()",
    ],
    ["theirs when it only looks like a variable", ["inputs.env.name == 'x'"], "inputs.env.name == 'x'"],
  ];
  for (const [title, conditions, expected] of cases) {
    it(`is ${title}`, () => {
      assert.equal(jointCondition(conditions), expected);
    });
  }

  it("of a step that is there already covers equal ones, or is no condition", () => {
    assert.ok(covers(undefined, push));
    assert.ok(covers(push, push));
    assert.ok(covers("always()", undefined));
    assert.ok(covers("! cancelled()", "failure()"));
    assert.ok(!covers(push, undefined));
    assert.ok(!covers("failure()", "always()"));
  });

  it("is read with and without braces, and over lines", () => {
    assert.equal(expressionOf(undefined), undefined);
    assert.equal(expressionOf("${{ failure() }}"), "failure()");
    assert.equal(expressionOf(" a &&\n   b\n"), "a && b");
    assert.equal(expressionOf("${{ a }} && ${{ b }}"), "${{ a }} && ${{ b }}");
  });

  it("is written so that YAML reads it back", () => {
    assert.equal(conditionValue("!cancelled()"), "${{ !cancelled() }}");
    assert.equal(conditionValue("contains(x, 'a: b')"), "'${{ contains(x, ''a: b'') }}'");
  });
});
