/**
 * The `if` of a step that has to run whenever one of several steps runs. GitHub skips a step without `if` once an earlier
 * one has failed, so a step that others need in `if: failure()` must have it too; and a job that makes its token only for
 * pushes must not need the App's secrets in a pull request of a fork, where there are none.
 *
 * Takes the steps' conditions as expressions without `${{ }}`, `undefined` for none; gives the same.
 */
export function jointCondition(conditions: readonly (string | undefined)[]): string | undefined {
  const distinct = [...new Set(conditions)];
  const [only] = distinct;
  if (distinct.length <= 1 && !(only !== undefined && READS_ENVIRONMENT.test(only))) {
    return only;
  }
  const known = distinct.filter((condition) => condition !== undefined);
  if (known.some((condition) => /\b(?:always|cancelled)\s*\(/i.test(condition))) {
    return "always()";
  }
  if (known.some((condition) => /\bfailure\s*\(/i.test(condition))) {
    return "!cancelled()";
  }
  const isOpen = known.length < distinct.length;
  return isOpen || known.some((condition) => READS_ENVIRONMENT.test(condition) || /\bsteps\b/i.test(condition))
    ? undefined
    : known.map((condition) => `(${condition})`).join(" || ");
}

/** A variable of the consumer's own `env` is not there for the step before it. */
const READS_ENVIRONMENT = /(?<![\w.-])env\s*[.[]/i;

/** Whether a step with the condition `made` has run whenever one with `needed` runs, as far as that can be told. */
export function covers(made: string | undefined, needed: string | undefined): boolean {
  return made === undefined || made === needed || /^(?:always\(\)|!\s*cancelled\(\))$/i.test(made);
}

/** The expression of an `if`, its braces taken off and its blanks made single. */
export function expressionOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const inner = /^\s*\$\{\{((?:(?!\}\})[^])*)\}\}\s*$/.exec(text)?.[1] ?? text;
  return inner.trim().replace(/\s+/g, " ");
}

/** An expression as the value of an `if`. */
export function conditionValue(expression: string): string {
  const text = `\${{ ${expression} }}`;
  return /: |\s#/.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}
