/** Proves in the real runtime that a Worker without a whole policy, or without its credential, lets nobody in. */
import assert from "node:assert/strict";

import { JOB, POLICY, useGateway } from "./support/gateway.js";

describe("a Worker's policy", () => {
  const bench = useGateway();

  const [caller] = POLICY.callers;
  const bad: readonly (readonly [title: string, policy: unknown])[] = [
    ["empty", {}],
    ["null", null],
    ["a text that is no JSON", "{"],
    ["without callers", { ...POLICY, callers: [] }],
    ["with a pattern as ref", { ...POLICY, callers: [{ ...caller, refs: ["refs/heads/*"] }] }],
    ["with pull_request_target", { ...POLICY, callers: [{ ...caller, events: ["pull_request_target"] }] }],
    ["with a field that is not known", { ...POLICY, allowAll: true }],
  ];
  for (const [title, policy] of bad) {
    it(`${title}: nobody is let in`, async () => {
      await bench().runtime.restart({ policy });
      const answer = await bench().send();
      const line = await bench().line();
      assert.deepEqual([answer.status, line["reason"]], [503, "policy"]);
      assert.deepEqual([bench().forwarded, bench().issuer.asked], [[], 0]);
    });
  }

  it("as text (plain_text) is as good as a document (json)", async () => {
    await bench().runtime.restart({ policy: JSON.stringify(POLICY) });
    assert.equal((await bench().send()).status, 200);
  });

  for (const credential of ["", "short", "with a line's end in it\n-----------------"]) {
    it(`without a credential (${JSON.stringify(credential)}): nobody is let in`, async () => {
      await bench().runtime.restart({ policy: POLICY, credential });
      const answer = await bench().send();
      assert.deepEqual([answer.status, (await bench().line())["reason"]], [503, "credential"]);
      await bench().runtime.restart({ credential: bench().credential });
    });
  }

  it("may name a reusable workflow, and has the first caller that fits decide", async () => {
    const workflow = `${JOB.repository}/.github/workflows/shared.yml@refs/heads/main`;
    const { repositoryId, refs, events } = POLICY.callers[0] as (typeof POLICY.callers)[number];
    const reusable = { repositoryId, refs, events, jobWorkflows: [workflow], records: { types: ["TXT"] } };
    await bench().runtime.restart({ policy: { ...POLICY, callers: [...POLICY.callers, reusable] } });
    const bearer = (claims: Readonly<Record<string, unknown>>) => ({
      headers: { authorization: bench().bearer(claims) },
    });

    const other = `${JOB.repository}/.github/workflows/other.yml@refs/heads/main`;
    const statuses = [
      await bench().send(bearer({})),
      await bench().send(bearer({ workflow_ref: other, job_workflow_ref: workflow, environment: undefined })),
      await bench().send(bearer({ workflow_ref: other, environment: undefined })),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 403]);
    await bench().settle(3);
    assert.equal(bench().lines[2]?.["reason"], "claim.workflow_ref");
  });
});
