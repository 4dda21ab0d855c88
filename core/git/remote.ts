import { FaultsError } from "../fault.js";
import { type Ended, run } from "../process.js";

/** Git with the origin, as whoever GITHUB_TOKEN is. */
export interface Remote {
  /** `git` with these arguments; `input` is its standard input, `more` further variables. */
  git(args: readonly string[], more?: { input?: string; env?: NodeJS.ProcessEnv }): Promise<Ended & { stderr: string }>;
  /** The same for what must succeed; gives what it printed. Throws a FaultsError that says what was tried. */
  must(what: string, args: readonly string[], more?: { input?: string; env?: NodeJS.ProcessEnv }): Promise<string>;
}

/** Opens the clone at `root`. Nothing is asked yet. */
export function openRemote(root: string, env: NodeJS.ProcessEnv): Remote {
  // Its words are read below, so they are to be English; and nobody is there to be asked for a name.
  const all = { ...env, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
  const git: Remote["git"] = async (args, more = {}) => {
    let stderr = "";
    const listen = (text: string) => (stderr += text);
    const input = more.input === undefined ? {} : { input: more.input };
    const credential = TALKS.has(args[0] ?? "") ? credentialOf(env) : {};
    const ended = await run("git", args, { cwd: root, env: { ...all, ...credential, ...more.env }, listen, ...input });
    return { ...ended, stderr };
  };
  return {
    git,
    must: async (what, args, more) => {
      const { code, stdout } = await git(args, more);
      if (code !== 0) {
        const repair = `git ${args[0] ?? ""} origin shows why; in a workflow: GITHUB_TOKEN of the App, with Contents`;
        throw new FaultsError([{ where: "git", what: `${what} failed`, repair }]);
      }
      return stdout;
    },
  };
}

/** What talks to the origin, and so gets the token. */
const TALKS = new Set(["fetch", "push"]);

/**
 * The token as git takes it from its environment (git-config(1), "GIT_CONFIG_COUNT"): for github.com alone, on no command line
 * and in no file. The form is that of actions/checkout, which keeps it in .git/config unless told not to.
 */
function credentialOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const credential = env["GITHUB_TOKEN"] ?? "";
  const basic = Buffer.from(`x-access-token:${credential}`).toString("base64");
  return credential === ""
    ? {}
    : {
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "http.https://github.com/.extraheader",
        GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
      };
}
