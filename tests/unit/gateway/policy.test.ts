/** Proves what is a policy and what is none. Whether the gateway asks it is shown by tests/gateway. */
import assert from "node:assert/strict";

import { compilePolicy, PolicyError } from "../../../gateway/policy.js";
import { policy, withCaller } from "./policies.js";

const workflow = "radieu/p24-infra/.github/workflows/dns.yml@refs/heads/main";

/** The names at fault, in the order in which they are found. */
function faultsOf(raw: unknown): string[] {
  try {
    compilePolicy(raw);
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    return error.faults.map(({ name }) => name);
  }
  return [];
}

describe("a policy", () => {
  it("is taken as a document and as its text", () => {
    for (const raw of [policy, JSON.stringify(policy)]) {
      const compiled = compilePolicy(raw);
      assert.deepEqual([...compiled.hosts], policy.hosts);
      assert.deepEqual(compiled.zone, policy.zone);
      assert.equal(compiled.callers[0]?.workflowClaim, "workflow_ref");
      assert.equal(compiled.callers[0].runner, "github-hosted");
    }
  });

  const bad: readonly [title: string, raw: unknown, faults: readonly string[]][] = [
    ["nothing", undefined, [""]],
    ["no JSON", "{", [""]],
    ["an empty document", {}, ["hosts", "audience", "ownerId", "zone", "callers"]],
    ["a field that is not known", { ...policy, trust: "all" }, ["trust"]],
    ["no host", { ...policy, hosts: [] }, ["hosts", "audience"]],
    ["a wildcard host", { ...policy, hosts: ["*.example.com"] }, ["hosts[0]", "audience"]],
    ["a host in upper case", { ...policy, hosts: ["DNS-gateway.example.com"] }, ["hosts[0]", "audience"]],
    ["a host with a port", { ...policy, hosts: ["dns-gateway.example.com:8443"] }, ["hosts[0]", "audience"]],
    ["an address as host", { ...policy, hosts: ["127.0.0.1"] }, ["hosts[0]", "audience"]],
    ["an audience that others use", { ...policy, audience: "https://github.com/radieu" }, ["audience"]],
    ["an audience of another host", { ...policy, audience: "https://other.example.com" }, ["audience"]],
    ["an audience with a path", { ...policy, audience: "https://dns-gateway.example.com/" }, ["audience"]],
    ["an owner's name", { ...policy, ownerId: "radieu" }, ["ownerId"]],
    ["an owner's number that is no text", { ...policy, ownerId: 9001 }, ["ownerId"]],
    ["a zone's name in place of its id", { ...policy, zone: { id: "example.com", name: "example.com" } }, ["zone.id"]],
    ["no caller", { ...policy, callers: [] }, ["callers"]],
    ["a repository's name", withCaller({ repositoryId: "radieu/p24-infra" }), ["callers[0].repositoryId"]],
    ["no ref", withCaller({ refs: [] }), ["callers[0].refs"]],
    ["a pattern as ref", withCaller({ refs: ["refs/heads/*"] }), ["callers[0].refs[0]"]],
    ["a short ref", withCaller({ refs: ["main"] }), ["callers[0].refs[0]"]],
    ["a pull request's ref", withCaller({ refs: ["refs/pull/7/merge"] }), ["callers[0].refs[0]"]],
    ["a ref with a line's end", withCaller({ refs: ["refs/heads/main\n"] }), ["callers[0].refs[0]"]],
    ["a ref twice", withCaller({ refs: ["refs/heads/main", "refs/heads/main"] }), ["callers[0].refs"]],
    ["no workflow", withCaller({ workflows: undefined }), ["callers[0].workflows"]],
    ["a workflow without ref", withCaller({ workflows: [workflow.split("@")[0]] }), ["callers[0].workflows[0]"]],
    ["a pattern as workflow", withCaller({ workflows: [workflow.replace("dns", "*")] }), ["callers[0].workflows[0]"]],
    ["both kinds of workflows", withCaller({ jobWorkflows: [workflow] }), ["callers[0]"]],
    ["no event", withCaller({ events: [] }), ["callers[0].events"]],
    ["pull_request_target", withCaller({ events: ["push", "pull_request_target"] }), ["callers[0].events[1]"]],
    ["pull_request", withCaller({ events: ["pull_request"] }), ["callers[0].events[0]"]],
    ["workflow_run", withCaller({ events: ["workflow_run"] }), ["callers[0].events[0]"]],
    ["issue_comment", withCaller({ events: ["issue_comment"] }), ["callers[0].events[0]"]],
    ["an empty environment", withCaller({ environment: "" }), ["callers[0].environment"]],
    ["another runner", withCaller({ runner: "any" }), ["callers[0].runner"]],
    ["an empty list of record types", withCaller({ records: { types: [] } }), ["callers[0].records.types"]],
    ["a record type in lower case", withCaller({ records: { types: ["txt"] } }), ["callers[0].records.types[0]"]],
    ["a record name of another zone", withCaller({ records: { names: ["www.example.org"] } }), ["callers"]],
    ["a record name that only ends alike", withCaller({ records: { names: ["www.badexample.com"] } }), ["callers"]],
    [
      "a wildcard within a record name",
      withCaller({ records: { names: ["a.*.example.com"] } }),
      ["callers[0].records.names[0]"],
    ],
  ];
  for (const [title, raw, faults] of bad) {
    it(`is not: ${title}`, () => {
      assert.deepEqual(faultsOf(raw), faults);
    });
  }

  it("names no value in its faults", () => {
    assert.throws(
      () => compilePolicy({ ...policy, ownerId: "canary-in-the-policy", zone: { id: "canary-too" } }),
      (error) => error instanceof PolicyError && !error.message.includes("canary"),
    );
  });
});

describe("a policy's limit of records", () => {
  const limitOf = (records: unknown) => {
    const limit = compilePolicy(withCaller({ records })).callers[0]?.records;
    assert.ok(limit);
    return limit;
  };

  it("is none when it is left out", () => {
    const limit = limitOf({});
    assert.deepEqual([limit.limited, limit.allowsType("NS"), limit.allowsName("example.com")], [false, true, true]);
  });

  it("takes a type as it is written", () => {
    const limit = limitOf({ types: ["A", "CNAME"] });
    assert.deepEqual(["A", "CNAME", "a", "AAAA", "TXT", "A "].map(limit.allowsType), [
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  const names: readonly [name: string, allowed: boolean][] = [
    ["www.example.com", true],
    ["a.preview.example.com", true],
    ["b.a.preview.example.com", true],
    ["*.preview.example.com", true],
    ["_acme-challenge.preview.example.com", true],
    ["preview.example.com", false],
    [".preview.example.com", false],
    ["badpreview.example.com", false],
    ["WWW.example.com", false],
    ["www.example.com.", false],
    ["www", false],
    ["@", false],
    ["example.com", false],
    ["a.preview.example.com\n", false],
    ["a b.preview.example.com", false],
    ["\u0430.preview.example.com", false],
    [`${"a".repeat(64)}.preview.example.com`, false],
    [`${"a.".repeat(150)}preview.example.com`, false],
  ];
  for (const [name, allowed] of names) {
    it(`${allowed ? "allows" : "refuses"} ${JSON.stringify(name).slice(0, 60)}`, () => {
      assert.equal(limitOf({ names: ["www.example.com", "*.preview.example.com"] }).allowsName(name), allowed);
    });
  }
});
