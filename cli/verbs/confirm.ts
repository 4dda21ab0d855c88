import { openPullRequest, openReporting } from "../../core/announce/repository.js";
import { assess } from "../../core/assess.js";
import { FaultsError } from "../../core/fault.js";
import { openRemote } from "../../core/git/remote.js";
import { locate, readKeys } from "../../core/rotation/locate.js";
import { confirmedAt, LOG_FILE, type LogRow } from "../../core/rotation/log.mjs";
import { type Published, publishRows } from "../../core/rotation/publish.js";
import { renderColumns } from "../../core/rotation/render.js";
import { homeOf } from "../announce/home.js";
import { commitCommand, commitFiles, refuseChanged, whoCommits } from "../commit.js";
import { confirmRows, type Confirmation, withTakenOver } from "../rotation/confirmRows.js";
import { COMMIT_HELP, COMMIT_OPTIONS, writeLog } from "../rotation/workplace.js";
import { openStack, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";
import { verdict } from "../world.js";

/** Closes what has been seen in sync everywhere. CI calls it after each `up`. */
export const confirm: Verb = {
  name: "confirm",
  summary: "look at every place, and close the rotation log's rows whose secret is in sync at all of its own",
  example: "npm run p24 -- confirm",
  words: [0, Infinity],
  options: { json: { type: "boolean" }, push: { type: "string" }, ...COMMIT_OPTIONS },
  optionHelp: [
    "NAME …            write down for these that they are in sync now, though their value is not new (for p24 retire)",
    "--push BRANCH     close the rows on that branch of origin instead of here; where it takes no push, by a pull request",
    "--json            the result as JSON",
    ...COMMIT_HELP,
  ],
  async run(invocation) {
    const { options, rest, root, env, print } = invocation;
    const push = options["push"];
    if (typeof push === "string") {
      return confirmAtOrigin(invocation, push);
    }
    const commit = options["no-commit"] !== true;
    const keys = await readKeys(root);
    const taken = rest.map((word) => locate(word, keys).row);
    if (commit) {
      await refuseChanged(root, env, [LOG_FILE]);
    }
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      const seen = await assess(stack.context);
      const now = new Date();
      const done = await confirmRows(stack.context, seen, now);
      const who = taken.length === 0 ? "" : await whoCommits(root, env);
      const text = withTakenOver(done.text, taken, seen, who, now);
      const message = messageFor([...done.close.map(({ secret }) => secret), ...taken]);
      const isWritten = text !== done.text || done.isChanged;
      if (isWritten) {
        await writeLog(root, text);
      }
      const made = isWritten && commit ? await commitFiles(root, env, [LOG_FILE], message) : undefined;
      const result = { confirmed: [...done.close.map(({ secret }) => secret), ...taken], commit: made };
      say(done, result, invocation);
      if (isWritten && !commit && options["json"] !== true) {
        print(`Next: ${commitCommand([LOG_FILE], message)}`);
      }
      return exitCode(done, () => verdict(seen.reports));
    } finally {
      await stack.close();
    }
  },
};

/** As a workflow confirms: the rows are closed on the branch, whatever was pushed to it meanwhile. */
async function confirmAtOrigin(invocation: Invocation, branch: string): Promise<ExitCode> {
  const { options, rest, root, env, print } = invocation;
  if (rest.length > 0) {
    const repair = "p24 confirm NAME without --push, then git push";
    throw new FaultsError([{ where: "--push", what: "closes open rows only, and takes no names", repair }]);
  }
  const stack = await openStack(root, stackName(options["stack"], env), env);
  try {
    const seen = await assess(stack.context);
    const now = new Date();
    const done = await confirmRows(stack.context, seen, now);
    const secrets = done.close.map(({ secret }) => secret);
    const message = messageFor(secrets);
    const remote = openRemote(root, env);
    const published: Published =
      secrets.length === 0
        ? { kind: "nothing" }
        : await publishRows(remote, root, branch, done.close, confirmedAt(now.toISOString()), message);
    if (published.kind === "proposed") {
      const to = await openReporting(homeOf(stack.context), env);
      const body = `Every place has these values; \`${branch}\` takes no push. Merging closes their rows.`;
      await openPullRequest(to, published.branch, branch, message, body);
      print(`${branch} takes no push: the rows wait in a pull request of ${published.branch}`);
    }
    say(done, { confirmed: secrets, commit: published.kind === "nothing" ? undefined : published.commit }, invocation);
    return exitCode(done, () => verdict(seen.reports));
  } finally {
    await stack.close();
  }
}

function messageFor(secrets: readonly string[]): string {
  const names = [...new Set(secrets)];
  return names.length === 1
    ? `docs(secrets): confirm ${names[0] ?? ""} in sync`
    : `docs(secrets): confirm ${String(names.length)} secrets in sync`;
}

/** Rows that wait for a place give the code that the places call for; rows that wait for a person are for `p24 log`. */
function exitCode({ waiting }: Confirmation, ofPlaces: () => ExitCode): ExitCode {
  if (!waiting.some(({ places }) => places.length > 0)) {
    return EXIT.ok;
  }
  const code = ofPlaces();
  return code === EXIT.ok ? EXIT.drift : code;
}

interface Result {
  readonly confirmed: readonly string[];
  readonly commit: string | undefined;
}

function say({ waiting, close }: Confirmation, result: Result, { options, print }: Invocation): void {
  const plain = ({ line, date, secret, reason }: LogRow) => ({ line, date, secret, reason });
  if (options["json"] === true) {
    const waits = waiting.map(({ row, why, places }) => ({ ...plain(row), why, places }));
    print(JSON.stringify({ ...result, rows: close.map(plain), waiting: waits }, undefined, 2));
    return;
  }
  const commit = result.commit === undefined ? "" : `, commit ${result.commit.slice(0, 12)}`;
  const names = [...new Set(result.confirmed)];
  print(names.length === 0 ? "No row to close." : `Confirmed in sync: ${names.join(", ")}${commit}`);
  if (waiting.length > 0) {
    const lines = renderColumns(waiting.map(({ row, why }) => [row.secret, row.date, why]));
    print(["Still open:", ...lines.map((line) => `  ${line}`)].join("\n"));
  }
}
