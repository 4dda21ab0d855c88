/** Names of secrets and variables. Rules: GitHub's documentation "Naming your secrets"; words: its settings page. */
import { invalid } from "../http/errors.js";

/** The name as GitHub stores it, upper-case; 422 when it is not allowed. */
export function checkName(name: string, kind: "Secret" | "Variable"): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw invalid(
      `${kind} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). ` +
        "Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).",
    );
  }
  if (/^GITHUB_/i.test(name)) throw invalid(`${kind} names must not start with GITHUB_.`);
  return name.toUpperCase();
}
