/** Workflows made by chance, in many ways of writing YAML, with consumers of a personal token at many places. */
import fc from "fast-check";

/** How a file is written. */
interface Manner {
  readonly eol: "\n" | "\r\n";
  readonly indent: 2 | 4;
  /** Whether the dashes of steps stand deeper than `steps:`. */
  readonly deeper: boolean;
  readonly blank: boolean;
  readonly lastEnd: boolean;
}

const manner: fc.Arbitrary<Manner> = fc.record({
  eol: fc.constantFrom("\n", "\r\n"),
  indent: fc.constantFrom(2, 4),
  deeper: fc.boolean(),
  blank: fc.boolean(),
  lastEnd: fc.boolean(),
});

/** One expression with a personal token, and other text in the value. */
const personal = fc.constantFrom(
  "${{ secrets.GH_PAT }}",
  "${{secrets.GH_TOKEN}}",
  "\"${{ secrets['P24_INFRA_GH_TOKEN'] }}\"",
  "'${{ secrets[''GH_PAT''] }}'",
  "token ${{ secrets.GH_PAT }}",
  "${{ secrets.GH_PAT || github.token }}",
  "${{ format('{0}', secrets.GH_PAT) }}  # why",
);
const harmless = fc.constantFrom(
  "${{ secrets.GITHUB_TOKEN }}",
  "plain text",
  "'quoted:  # text'",
  "${{ secrets.MY_GH_PAT }}",
  "${{ 'secrets.GH_PAT' }}",
  '"a \\" b"',
);
const value = fc.oneof(harmless, personal);

/** The lines of one step, from its keys on; the first one goes behind the dash. `+` is one level of indentation. */
const step: fc.Arbitrary<string[]> = fc
  .record({
    name: fc.option(fc.constantFrom("name: Do it", "name: 'Do: it' # here", "id: ID")),
    comment: fc.option(fc.constantFrom("# about this", "# TODO: something else")),
    body: fc.oneof(
      value.map((text) => ["uses: someone/action@v1", "with:", `+token: ${text}`, "+other:   x"]),
      fc.tuple(value, value).map(([a, b]) => ["run: ./deploy.sh", "env:", `+ONE: ${a}`, "+# between", `+TWO: ${b}`]),
      fc.constantFrom("echo hello", "make all", "gh issue list", 'echo "$ABOVE"').map((text) => [`run: ${text}`]),
      value.map((text) => [
        "run: |",
        "+set -e",
        `+./x "${text.replace(/^["']|["']$/g, "").replaceAll("''", "'")}"`,
        "+",
        "+# end",
      ]),
      fc.constant(["uses: actions/checkout@v4"]),
      value.map((text) => ["env:", `+A: ${text}`, "shell: bash", "run: >-", "+./y", "+  more"]),
    ),
    condition: fc.option(
      fc.constantFrom("if: always()", "if: github.ref == 'refs/heads/main'", "if: ${{ failure() }}"),
      {
        freq: 4,
      },
    ),
  })
  .map(({ name, comment, body, condition }) => [
    ...(name === null ? [] : [name]),
    ...(condition === null ? [] : [condition]),
    ...(comment === null || (name === null && condition === null) ? [] : [comment]),
    ...body,
  ]);

interface Job {
  readonly steps: readonly string[][];
  /** Entries of the job's `env`. */
  readonly env: readonly string[];
}

const job: fc.Arbitrary<Job> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  env: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: personal.map((text) => [`ABOVE: ${text}`]) },
    { weight: 1, arbitrary: fc.tuple(personal, harmless).map(([a, b]) => [`ABOVE: ${a}`, "# kept", `BESIDE: ${b}`]) },
  ),
});

/** A workflow as text. */
export const anyWorkflow: fc.Arbitrary<string> = fc
  .record({
    manner,
    jobs: fc.array(job, { minLength: 1, maxLength: 3 }),
    env: fc.oneof(
      { weight: 4, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: personal.map((text) => ["TZ: UTC", `OVERALL: ${text}`]) },
    ),
  })
  .map(write);

interface Parts {
  readonly manner: Manner;
  readonly jobs: readonly Job[];
  readonly env: readonly string[];
}

function write({ manner: { eol, indent, deeper, blank, lastEnd }, jobs, env }: Parts): string {
  const level = " ".repeat(indent);
  const raised = (lines: readonly string[], by: string): string[] =>
    lines.map((line) => (by + line.replace(/^\++/, (signs) => level.repeat(signs.length))).trimEnd());
  const envLines = (entries: readonly string[]) =>
    entries.length === 0 ? [] : ["env:", ...entries.map((entry) => `+${entry}`)];
  const lines = [
    "# made by chance",
    "on:   push",
    ...raised(envLines(env), ""),
    "jobs:",
    ...jobs.flatMap((each, number) => [
      `${level}job-${String(number)}:`,
      `${level.repeat(2)}runs-on:  ubuntu-latest # here`,
      ...raised(envLines(each.env), level.repeat(2)),
      `${level.repeat(2)}steps:`,
      ...each.steps.flatMap((keys, index) => {
        const dash = level.repeat(deeper ? 3 : 2);
        const unique = keys.map((line) => line.replace("ID", `id-${String(index)}`));
        const [first = "", ...rest] = raised(unique, `${dash}  `);
        const item = [`${dash}- ${first.trimStart()}`, ...rest];
        return blank && index > 0 ? ["", ...item] : item;
      }),
    ]),
  ];
  return `${lines.join(eol)}${lastEnd ? eol : ""}`;
}
