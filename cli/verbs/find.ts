import type { Verb } from "../verb.js";

/** All verbs, in the order of the list that `p24 --help` prints, each with its file here. */
const FILES = {
  init: "init",
  doctor: "doctor",
  audit: "audit",
  status: "status",
  report: "report",
  pulumi: "pulumi",
  add: "add",
  set: "set",
  remove: "remove",
  rotate: "rotate",
  confirm: "confirm",
  drill: "drill",
  "log check": "logCheck",
  log: "log",
  leak: "leak",
  retire: "retire",
  onboard: "onboard",
  offboard: "offboard",
  rekey: "renewIdentity",
  import: "import",
  "host install": "hostInstall",
  "hook install": "hookInstall",
  "workflows migrate": "workflowsMigrate",
  guard: "guard",
  "history audit": "historyAudit",
  "gateway bind": "gatewayBind",
  "repository guard": "repositoryGuard",
  "catch-up": "catchUp",
  "announce sync": "announceSync",
  "announce drift": "announceDrift",
  take: "take",
  "announce preview": "announcePreview",
  exec: "exec",
} as const;

export const VERB_NAMES = Object.keys(FILES);

/** The verb of that name. Its file is loaded and no other: all together take several times as long as to start Node. */
export function findVerb(name: string): Verb | undefined {
  if (!Object.hasOwn(FILES, name)) {
    return undefined;
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- one of the files above
  const exported = require(`./${FILES[name as keyof typeof FILES]}.js`) as Record<string, Partial<Verb> | undefined>;
  return Object.values(exported).find((one) => one?.name === name) as Verb | undefined;
}
