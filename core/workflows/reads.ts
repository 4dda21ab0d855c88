import { usesInLeaf } from "./consumers.js";
import { entry, leavesOf, type Step, textOf, type Workflow } from "./workflow.js";

/** Actions that read their inputs only, whatever is in the environment. */
const QUIET_ACTION = /^actions\/(?:checkout|cache|upload-artifact|download-artifact|create-github-app-token)(?:[@/])/;

/** Programs that read no variable of the environment that is not written down in their arguments. */
const QUIET_COMMANDS = new Set(
  "[ [[ basename break cat cd chmod continue cp curl cut date dirname echo exit false grep head ln ls mkdir mv printf pwd read return rm rmdir sed shift sleep sort tail tee test touch tr true uniq wc".split(
    " ",
  ),
);
const WORDS_OF_THE_SHELL = new Set("if then else elif fi do done while until { } ! (".split(" "));

/**
 * Whether a step may read the environment variable `name`. `true` in doubt: an action and a program that is started read
 * what they like. So this is `false` only for what is known to be quiet.
 */
export function mayRead(workflow: Workflow, { map }: Step, name: string): boolean {
  const leaves = leavesOf(workflow, map);
  const mention = new RegExp(`(?<![A-Za-z0-9_]|secrets\\.)${name}(?![A-Za-z0-9_])`, "i");
  if (leaves.some(({ scalar }) => mention.test(scalar.value))) {
    return true;
  }
  if (leaves.some((leaf) => usesInLeaf(workflow, leaf, "env").some((use) => use.name === undefined))) {
    return true;
  }
  const text = (key: string) => textOf(entry(workflow, map, key)?.value);
  const [uses, run, shell] = [text("uses"), text("run"), text("shell")];
  if (uses !== undefined) {
    return !QUIET_ACTION.test(uses);
  }
  return run === undefined || !/^(?:bash|sh|pwsh|powershell)?$/.test(shell ?? "") || !isQuiet(run);
}

/** Whether every command of a script is a quiet one. */
export function isQuiet(script: string): boolean {
  const plain = script
    .replace(/\\\r?\n/g, " ")
    .replace(/\$\{\{(?:(?!\}\})[^])*\}\}/g, "x")
    .replace(/'[^']*'/g, "x")
    .replace(/"(?:[^"\\$`]|\\.|\$(?![({]))*"/g, "x")
    .replace(/(^|\s)#[^\n]*/g, "$1");
  return (
    !plain.includes("${!") &&
    plain
      .split(/[;\n|&]+|\$\(|[`()]/)
      .map((command) => command.trim().split(/\s+/))
      .every(isQuietCommand)
  );
}

function isQuietCommand(words: readonly string[]): boolean {
  const at = words.findIndex((word) => !WORDS_OF_THE_SHELL.has(word) && !/^[A-Za-z_]\w*\+?=/.test(word));
  const [command = "", argument = ""] = at === -1 ? [] : words.slice(at);
  switch (command.replace(/^["']|["']$/g, "")) {
    case "":
      return true;
    case "for":
    case "case":
      return true;
    case "set":
      return /^[-+]/.test(argument);
    default:
      return QUIET_COMMANDS.has(command);
  }
}
