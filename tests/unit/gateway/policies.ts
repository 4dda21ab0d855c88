import type { Policy } from "../../../gateway/policy.js";

export const ZONE = "0123456789abcdef0123456789abcdef";

/** A policy in order. */
export const policy = {
  hosts: ["dns-gateway.example.com"],
  audience: "https://dns-gateway.example.com",
  ownerId: "9001",
  zone: { id: ZONE, name: "example.com" },
  callers: [
    {
      repositoryId: "700001",
      refs: ["refs/heads/main"],
      workflows: ["radieu/p24-infra/.github/workflows/dns.yml@refs/heads/main"],
      events: ["push", "workflow_dispatch"],
      environment: "production",
    },
  ],
} satisfies Policy;

/** It, with something else in its one caller. */
export function withCaller(changes: Readonly<Record<string, unknown>>): unknown {
  return { ...policy, callers: [{ ...policy.callers[0], ...changes }] };
}
