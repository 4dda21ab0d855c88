/** A textfile of node_exporter's collector, as the host program writes it. */

/** Metric to value. Labels are cut off. Throws for a line that is neither a comment nor a sample. */
export function samplesIn(text: string): Record<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("# "));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^p24_secrets_(\w+)\{[^}]*\} (\d+)$/.exec(line) ?? [];
      if (name === "") {
        throw new Error(`no sample: ${line}`);
      }
      return [name, Number(value)];
    }),
  );
}
