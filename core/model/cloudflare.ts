import { z } from "zod";

/** Environment variables of a Worker have at most 5 KB (developers.cloudflare.com/workers/platform/limits). */
const MOST_POLICY_BYTES = 5 * 1024;

const hexId = (what: string) => z.string().regex(/^[0-9a-f]{32}$/, `must be the ${what}'s id: 32 hex digits`);

type PolicyModule = typeof import("../../gateway/policy.js");

/** Loaded with the first policy only: a stack without a gateway does not pay for it. (zod looks into its own z.lazy at once.) */
const policySchema = z.unknown().transform((value, context): z.output<PolicyModule["policySchema"]> => {
  const parsed = (require("../../gateway/policy.js") as PolicyModule).policySchema.safeParse(value);
  if (!parsed.success) {
    context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: value }) as z.core.$ZodRawIssue));
    return z.NEVER;
  }
  return parsed.data;
});

/** The gateway at Cloudflare. What it may do, where it answers and for which zone stands in its policy. */
export const cloudflareSchema = z
  .strictObject({
    /** The account that the Worker runs in. */
    account: hexId("account"),
    /** The Worker's name, and the place's in reports. */
    worker: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and dashes"),
    /** gateway/policy.ts says what each field means. Its `hosts` become custom domains of the Worker. */
    policy: policySchema,
  })
  .superRefine(({ policy }, context) => {
    const { zone, hosts } = policy;
    for (const [index, host] of hosts.entries()) {
      if (host !== zone.name && !host.endsWith(`.${zone.name}`)) {
        const message = `must be in the zone ${zone.name}, or Cloudflare could not route it`;
        context.addIssue({ code: "custom", path: ["policy", "hosts", index], message });
      }
    }
    if (Buffer.byteLength(policyText(policy), "utf8") > MOST_POLICY_BYTES) {
      const message = "is longer than the 5 KB that a Worker's variable may have";
      context.addIssue({ code: "custom", path: ["policy"], message });
    }
  });

export type CloudflareSettings = z.infer<typeof cloudflareSchema>;

/** A policy as its binding holds it. The same policy gives the same text: its keys stand in the schema's order. */
export function policyText(policy: CloudflareSettings["policy"]): string {
  return JSON.stringify(policy);
}
