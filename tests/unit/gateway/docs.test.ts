/** Proves that the examples in docs/gateway.md are right: the policy is one, and the workflow uses the action as it is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { compilePolicy } from "../../../gateway/policy.js";

const ROOT = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const examples = [...read("docs/gateway.md").matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => parse(text));

describe("the examples of docs/gateway.md", () => {
  it("have a policy that compiles", () => {
    const policy = compilePolicy(examples.find((example) => "callers" in example));
    assert.equal(policy.callers.length, 1);
    assert.ok(policy.callers[0]?.records.allowsName("a.preview.example.com"));
  });

  it("have a workflow whose job may ask for a token and gives the action what it takes", () => {
    const { jobs } = examples.find((example) => "jobs" in example);
    const job = jobs.dns;
    assert.equal(job.permissions["id-token"], "write");
    const step = job.steps.find(({ uses }: { uses?: string }) => uses?.startsWith("./"));
    const action = parse(read(join(step.uses, "action.yml")));
    assert.deepEqual(
      Object.keys(step.with).filter((name) => !(name in action.inputs)),
      [],
    );
    const required = Object.entries<{ required?: boolean }>(action.inputs).filter(([, { required }]) => required);
    assert.ok(required.every(([name]) => name in step.with));
  });
});
