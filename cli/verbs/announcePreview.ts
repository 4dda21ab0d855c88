import { PREVIEW_MARK, previewComment } from "../../core/announce/page.js";
import { commentAtIssue, openReporting } from "../../core/announce/repository.js";
import { type Fault, FaultsError, renderFault } from "../../core/fault.js";
import { openRemote } from "../../core/git/remote.js";
import { fileAt } from "../../core/observe/git.js";
import { takePullRequest } from "../../core/pullRequest/take.js";
import { homeOf } from "../announce/home.js";
import { linksOf, summarize } from "../announce/links.js";
import { lookAtPlaces } from "../announce/look.js";
import { readSettings, settingsFileOf, settingsIn, stackName } from "../stack.js";
import { EXIT, type Invocation, type Verb } from "../verb.js";

/** What a preview of a pull request reports, when its other steps are over, however they ended. */
export const announcePreview: Verb = {
  name: "announce preview",
  summary: "comment below a pull request what merging it would change, once; exit code 3 when it cannot be merged so",
  example: "npm run p24 -- announce preview --pull 7 --head 0123456789abcdef0123456789abcdef01234567",
  words: [0, 0],
  options: {
    pull: { type: "string" },
    head: { type: "string" },
    preview: { type: "string" },
    stack: { type: "string", short: "s" },
  },
  optionHelp: [
    "--pull NUMBER      the pull request",
    "--head COMMIT      its commit, as p24 take has taken it",
    "--preview OUTCOME  how the step ended that ran npm run preview: success, failure, skipped",
    "-s, --stack NAME   the stack (else PULUMI_STACK, else prod)",
  ],
  async run(invocation) {
    const { options, env, print } = invocation;
    const [pull, head] = [String(options["pull"] ?? ""), String(options["head"] ?? "")];
    if (!/^\d{1,9}$/.test(pull)) {
      const repair = "github.event.pull_request.number";
      throw new FaultsError([{ where: "--pull", what: "is no number of a pull request", repair }]);
    }
    const repository = await homeOfBase(invocation);
    const { reports, faults, others, warnings } = await previewed(invocation, head);
    const notes = [
      ...(others === 0
        ? []
        : [`${String(others)} changed files are no sources or settings: they are not previewed here.`]),
      ...(faults.length === 0 && options["preview"] === "failure"
        ? ["`npm run preview` ended red; the run's log says why."]
        : []),
      ...warnings.map((warning) => `Warning: ${renderFault(warning)}`),
    ];
    const links = linksOf(repository, env);
    const text = previewComment(reports, faults, notes, head, links);
    await summarize(text, env);
    await commentAtIssue(await openReporting(repository, env), Number(pull), PREVIEW_MARK, text);
    print(`Commented below #${pull}.`);
    return faults.length === 0 ? EXIT.ok : EXIT.badInput;
  },
};

/** Where the base says that reports go, whatever the pull request has made of the settings. Throws a FaultsError. */
async function homeOfBase({ root, options, env }: Invocation): Promise<string> {
  const stack = stackName(options["stack"], env);
  const text = await fileAt(root, "HEAD", settingsFileOf(stack));
  return homeOf(
    text === undefined ? await readSettings(root, stack, "bootstrap") : settingsIn(text, stack, "bootstrap"),
  );
}

/** The comparison of the pull request's sources with the world, or why there is none. */
async function previewed({ root, options, env }: Invocation, head: string) {
  let others = 0;
  let refused: readonly Fault[] = [];
  try {
    const taken = await takePullRequest(openRemote(root, env), root, head, stackName(options["stack"], env));
    others = taken.others.length;
  } catch (error) {
    if (!(error instanceof FaultsError)) {
      throw error;
    }
    refused = error.faults;
  }
  const { seen, faults } = await lookAtPlaces({ root, options, env });
  return {
    reports: seen?.reports ?? [],
    faults: [...refused, ...(refused.length === 0 ? faults : [])],
    warnings: seen?.warnings ?? [],
    others,
  };
}
