/**
 * Who may change DNS records through the gateway. A policy is data: it is checked and compiled once, it has no patterns for
 * whoever calls (every text is compared whole), and there is no way to ask an uncompiled one.
 *
 * It never matches on `sub`, whose form GitHub changed, and never on names alone: a repository's name can be registered again,
 * its number cannot.
 */
import * as z from "zod/mini";

/**
 * What may start a job that changes DNS. Not in the list: what outsiders can start (issue_comment, fork, ...), what runs
 * code that nobody reviewed (pull_request, workflow_run), and pull_request_target, which runs with the base branch's ref.
 */
export const EVENTS = ["push", "workflow_dispatch", "schedule", "release", "repository_dispatch"] as const;

/** Record types as Cloudflare's API names them (`cloudflare` 7.3.0 on npm, RecordListParams). */
export const RECORD_TYPES = [
  ...["A", "AAAA", "CAA", "CERT", "CNAME", "DNSKEY", "DS", "HTTPS", "LOC", "MX", "NAPTR", "NS"],
  ...["OPENPGPKEY", "PTR", "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI"],
] as const;

const HOSTNAME = "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?";
const REF = "refs/(?:heads|tags)/[A-Za-z0-9._/-]{1,200}";

/** A text that fits a pattern as a whole; `what` is how the fault says what is expected. */
function text(pattern: string, what: string) {
  return z.string(what).check(z.regex(new RegExp(`^(?:${pattern})$`), what));
}

/** A list that is not empty and names nothing twice. */
function some<T extends z.ZodMiniType<string>>(item: T, what: string) {
  return z
    .array(item, what)
    .check(z.minLength(1, what))
    .check(z.refine((items) => new Set(items).size === items.length, "names something twice"));
}

const AUDIENCE = "must be https:// and one of hosts, nothing behind it";
const hostname = text(HOSTNAME, "must be a full host name in lower case, without wildcards");
const number = text(
  "[1-9][0-9]{0,19}",
  "must be GitHub's number, as text: gh api repos/OWNER/NAME --jq '.id, .owner.id'",
);
const ref = text(REF, "must be a full ref without wildcards: refs/heads/main");
const workflow = text(
  `[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}/\\.github/workflows/[A-Za-z0-9._-]{1,100}\\.ya?ml@(?:${REF}|[0-9a-f]{40})`,
  "must name a workflow file at a ref, without wildcards: OWNER/NAME/.github/workflows/FILE.yml@refs/heads/main",
);
const FULL_NAME = `(?:\\*\\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*${HOSTNAME}`;
const RECORD_NAME = new RegExp(`^(?!.{254})${FULL_NAME}$`);
const recordName = text(FULL_NAME, "must be a full name in lower case; *.NAME means every name below NAME");

const recordsSchema = z.strictObject({
  /** Types that may be created, changed or deleted; every type when left out. */
  types: z.exactOptional(
    some(z.enum(RECORD_TYPES, "must be a record type, in upper case"), "must list at least one type"),
  ),
  /** Full names that may be created, changed or deleted, `*.NAME` for all below NAME; every name when left out. */
  names: z.exactOptional(some(recordName, "must list at least one name")),
});

const callerSchema = z
  .strictObject({
    /** Claim `repository_id`. */
    repositoryId: number,
    /** Claim `ref`, one of these. */
    refs: some(ref, "must list at least one ref"),
    /** Claim `workflow_ref`, one of these; or `jobWorkflows`. */
    workflows: z.exactOptional(some(workflow, "must list at least one workflow")),
    /** Claim `job_workflow_ref`, one of these: the reusable workflow that holds the job. */
    jobWorkflows: z.exactOptional(some(workflow, "must list at least one workflow")),
    /** Claim `event_name`, one of these. */
    events: some(
      z.enum(EVENTS, `must be one of ${EVENTS.join(", ")}: others can be started by outsiders or run unreviewed code`),
      "must list at least one event",
    ),
    /** Claim `environment`; not looked at when left out. */
    environment: z.exactOptional(text("[^\\u0000-\\u001f\\u007f]{1,255}", "must be an environment's name")),
    /** Claim `runner_environment`. */
    runner: z._default(
      z.enum(["github-hosted", "self-hosted"], "must be github-hosted or self-hosted"),
      "github-hosted",
    ),
    /** Limits what may be written; reading is not limited. */
    records: z.exactOptional(recordsSchema),
  })
  .check(
    z.refine(
      ({ workflows, jobWorkflows }) => (workflows === undefined) !== (jobWorkflows === undefined),
      "must name either workflows or jobWorkflows",
    ),
  );

/** The schema of a policy, for settings that hold one. */
export const policySchema = z
  .strictObject({
    /** Host names that the gateway answers under; under any other (workers.dev, previews) it refuses. */
    hosts: some(hostname, "must list at least one host name"),
    /** Claim `aud`. `https://HOST` of one of `hosts`, so that a token that a job asked for somebody else never fits. */
    audience: z.string(AUDIENCE),
    /** Claim `repository_owner_id`. */
    ownerId: number,
    zone: z.strictObject({ id: text("[0-9a-f]{32}", "must be the zone's id: 32 hex digits"), name: hostname }),
    /** Jobs are let in by the first caller that fits them. */
    callers: z
      .array(callerSchema, "must list at least one caller")
      .check(z.minLength(1, "must list at least one caller")),
  })
  .check(
    z.refine(({ hosts, audience }) => hosts.some((host) => audience === `https://${host}`), {
      error: AUDIENCE,
      path: ["audience"],
    }),
    z.refine(
      ({ zone, callers }) =>
        callers.every(({ records }) => records?.names?.every((name) => isIn(name, zone.name)) ?? true),
      { error: "has a record name outside of the zone", path: ["callers"] },
    ),
  );

/** A policy as it stands in the settings. */
export type Policy = z.input<typeof policySchema>;

/** What is wrong with a policy: the path inside of it (`callers[0].refs[0]`), and the fault. */
export interface PolicyFault {
  readonly name: string;
  readonly what: string;
}

/** A policy that is none. Its message names what is wrong, never a value. */
export class PolicyError extends Error {
  constructor(readonly faults: readonly PolicyFault[]) {
    super(faults.map(({ name, what }) => (name === "" ? what : `${name}: ${what}`)).join("; "));
    this.name = "PolicyError";
  }
}

/** One entry of `callers`, ready to be asked. */
export interface Caller {
  readonly repositoryId: string;
  readonly refs: ReadonlySet<string>;
  /** The claim that names the workflow, and its values. */
  readonly workflowClaim: "workflow_ref" | "job_workflow_ref";
  readonly workflows: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  readonly environment: string | undefined;
  readonly runner: string;
  readonly records: RecordLimit;
}

/** What a caller may write. */
export interface RecordLimit {
  /** Whether anything is limited at all. */
  readonly limited: boolean;
  readonly allowsType: (type: string) => boolean;
  readonly allowsName: (name: string) => boolean;
}

/** The only form in which the gateway knows a policy. {@link compilePolicy} makes it, and nothing else can. */
export class CompiledPolicy {
  readonly hosts: ReadonlySet<string>;
  readonly audience: string;
  readonly ownerId: string;
  readonly zone: Readonly<{ id: string; name: string }>;
  readonly callers: readonly Caller[];

  private constructor(policy: z.output<typeof policySchema>) {
    this.hosts = new Set(policy.hosts);
    this.audience = policy.audience;
    this.ownerId = policy.ownerId;
    this.zone = { id: policy.zone.id, name: policy.zone.name };
    this.callers = policy.callers.map(compileCaller);
  }

  /** As {@link compilePolicy}. */
  static compile(raw: unknown): CompiledPolicy {
    const parsed = policySchema.safeParse(typeof raw === "string" ? parse(raw) : raw);
    if (!parsed.success) {
      throw new PolicyError(parsed.error.issues.flatMap(faultsOf));
    }
    return new CompiledPolicy(parsed.data);
  }
}

/** Checks and compiles a policy: the document, or its JSON text. Throws a {@link PolicyError} with all faults. */
export function compilePolicy(raw: unknown): CompiledPolicy {
  return CompiledPolicy.compile(raw);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new PolicyError([{ name: "", what: "is not JSON" }]);
  }
}

function faultsOf(issue: z.core.$ZodIssue): PolicyFault[] {
  const path = (steps: readonly PropertyKey[]) =>
    steps
      .map((step) => (typeof step === "number" ? `[${String(step)}]` : `.${String(step)}`))
      .join("")
      .replace(/^\./, "");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => ({ name: path([...issue.path, unknown]), what: "is not known here" }));
  }
  return [{ name: path(issue.path), what: issue.message }];
}

function compileCaller(caller: z.output<typeof callerSchema>): Caller {
  return {
    repositoryId: caller.repositoryId,
    refs: new Set(caller.refs),
    workflowClaim: caller.workflows === undefined ? "job_workflow_ref" : "workflow_ref",
    workflows: new Set(caller.workflows ?? caller.jobWorkflows),
    events: new Set(caller.events),
    environment: caller.environment,
    runner: caller.runner,
    records: compileLimit(caller.records ?? {}),
  };
}

function compileLimit({ types, names }: z.output<typeof recordsSchema>): RecordLimit {
  return {
    limited: types !== undefined || names !== undefined,
    allowsType: (type) => types === undefined || types.some((allowed) => allowed === type),
    allowsName: (name) =>
      names === undefined || (RECORD_NAME.test(name) && names.some((pattern) => fits(name, pattern))),
  };
}

/** `*.NAME` is every name below NAME, at any depth; anything else is that name. */
function fits(name: string, pattern: string): boolean {
  return pattern.startsWith("*.")
    ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
    : name === pattern;
}

function isIn(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}
