/** What a script does that an App's token, or this App's permissions (spec 03's, and Secrets: write) do not allow. */
interface Limit {
  readonly pattern: RegExp;
  readonly what: string;
  readonly repair: string;
}

const LIMITS: readonly Limit[] = [
  {
    pattern:
      /\bgh\s+workflow\s+(?:run|enable|disable)\b|\bgh\s+run\s+(?:rerun|cancel|delete)\b|\/actions\/workflows\/\S+\/dispatches/,
    what: "starts or stops a workflow; the App has Actions: read",
    repair: "give the App Actions: write, or use github.token with `permissions: actions: write`",
  },
  {
    pattern: /\bgh\s+variable\s+(?:set|delete)\b|\/actions\/variables\b/,
    what: "changes Actions variables; the App has no permission for them",
    repair: "give the App Variables: write",
  },
  {
    pattern: /\bgh\s+repo\s+(?:create|edit|delete|rename|archive)\b/,
    what: "changes a repository; the App has no such permission",
    repair: "give the App Administration: write, or let a person do it",
  },
  {
    pattern: /\bgh\s+project\b/,
    what: "uses a project; a user's projects are out of an App's reach",
    repair: "move the project to an organization, or take this out",
  },
  {
    pattern: /\bgh\s+(?:api\s+["']?\/?user\b|auth\s+status\b)|api\.github\.com\/user\b/,
    what: "asks who the token's user is; an App's token has none",
    repair: "take it out, or ask `gh api installation/repositories`",
  },
  {
    pattern: /(?<![\w./-])(?:ssh|scp|rsync)\s/,
    what: "reaches for another machine; the App's token is revoked when the job ends",
    repair: "if the token is to stay there, let that machine make tokens of the App itself",
  },
  {
    pattern: /\bghcr\.io\b/,
    what: "uses ghcr.io; an App's token cannot log in there without Packages",
    repair: "use github.token with `permissions: packages: write`",
  },
  {
    pattern:
      /\bgit\s+(?:add|commit|push)\b[^]*\.github\/workflows|\.github\/workflows[^]*\bgit\s+(?:add|commit|push)\b/,
    what: "seems to push a change of a workflow; GitHub refuses that without Workflows: write",
    repair: "give the App Workflows: write",
  },
];

/** What a step does that the App's token may not be good for, as far as the step's text tells. */
export function limitsOf(text: string): Omit<Limit, "pattern">[] {
  return LIMITS.filter(({ pattern }) => pattern.test(text)).map(({ what, repair }) => ({ what, repair }));
}
