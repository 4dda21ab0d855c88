import { find, type Group, groupsOf, groupText, type Memory, type Results } from "./results.js";

/** One limit, held against what this run measured. */
export interface Verdict {
  readonly text: string;
  /** What was measured, in the limit's unit. */
  readonly measured: number;
  readonly limit: number;
  readonly met: boolean;
}

interface Ratio {
  readonly hosts: number;
  readonly of: string;
  readonly to: string;
  /** At most for `most`, at least for `least`. */
  readonly least?: number;
  readonly most?: number;
  readonly text: string;
}

/** Times that `of` takes, divided by those of `to`. */
const RATIOS: readonly Ratio[] = [
  { hosts: 10, of: "loop", to: "up", least: 1, text: "one rotation at 10 hosts: faster than the bash loop" },
  { hosts: 50, of: "loop", to: "up", least: 5, text: "at 50 hosts: at least 5 times faster than the bash loop" },
  { hosts: 50, of: "ansible", to: "up", least: 10, text: "at 50 hosts: at least 10 times faster than Ansible, tuned" },
  {
    hosts: 50,
    of: "ansible-as-installed",
    to: "up",
    least: 10,
    text: "at 50 hosts: at least 10 times faster than Ansible as installed",
  },
  { hosts: 50, of: "up", to: "xargs", most: 1.6, text: "at 50 hosts: at most 1.6 times as long as xargs -P 16" },
];

const MEMORY_LIMIT_MB = 1024;

/** Every limit that this run measured what is needed for. */
export function verdicts(results: Results): Verdict[] {
  const ratios = groupsOf(results).flatMap((group) => RATIOS.flatMap((ratio) => held(ratio, group, results)));
  const memory = largest(results.memory).map(({ hosts, secrets: count, way, peakMb }) => ({
    text: `peak memory of ${way} at ${String(hosts)} hosts and ${String(count)} secrets: under 1 GiB (MB)`,
    measured: peakMb,
    limit: MEMORY_LIMIT_MB,
    met: peakMb < MEMORY_LIMIT_MB,
  }));
  const refused = { text: "connections that a host refused", measured: results.refusals.length, limit: 0 };
  return [...ratios, ...memory, { ...refused, met: refused.measured === 0 }];
}

/** Those of the largest size. */
function largest(memory: readonly Memory[]): Memory[] {
  const most = Math.max(...memory.map(({ hosts, secrets }) => hosts * secrets));
  return memory.filter(({ hosts, secrets }) => hosts * secrets === most);
}

function held({ hosts, of, to, least, most, text }: Ratio, group: Group, results: Results): Verdict[] {
  const size = { hosts, ...group };
  const [one, other] = [find(results, size, of), find(results, size, to)];
  if (one === undefined || other === undefined) {
    return [];
  }
  const measured = one.medianMs / other.medianMs;
  const met = least === undefined ? measured <= (most ?? 0) : measured > least || (least > 1 && measured === least);
  return [{ text: `${text} (${groupText(group)})`, measured, limit: least ?? most ?? 0, met }];
}
