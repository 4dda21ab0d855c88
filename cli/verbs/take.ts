import { openRemote } from "../../core/git/remote.js";
import { takePullRequest } from "../../core/pullRequest/take.js";
import { stackName } from "../stack.js";
import { EXIT, type Verb } from "../verb.js";

/** The first step of a preview of a pull request: its sources and settings in a checkout of its base. */
export const take: Verb = {
  name: "take",
  summary: "take sources and settings of a pull request into this checkout of its base, as data, to preview them",
  example: "npm run p24 -- take --head 0123456789abcdef0123456789abcdef01234567",
  words: [0, 0],
  options: { head: { type: "string" }, stack: { type: "string", short: "s" } },
  optionHelp: [
    "--head COMMIT     the pull request's commit",
    "-s, --stack NAME  the stack whose settings count (else PULUMI_STACK, else prod)",
  ],
  async run({ options, root, env, print }) {
    const head = typeof options["head"] === "string" ? options["head"] : "";
    const stack = stackName(options["stack"], env);
    const { paths, others } = await takePullRequest(openRemote(root, env), root, head, stack);
    print(paths.length === 0 ? "It changes no source and no setting." : `Taken: ${paths.join(", ")}`);
    if (others.length > 0) {
      print(`Left out, as it is not previewed: ${String(others.length)} further files`);
    }
    return EXIT.ok;
  },
};
