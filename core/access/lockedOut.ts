import { type Fault, FaultsError, renderFault } from "../fault.js";
import { lockOutFaults } from "../model/lockOut.js";
import type { Recipients } from "../model/recipients.js";
import { mixedFaults } from "./recipientText.js";

/**
 * Refuses rules that would lock somebody out who is not locked out now: a file without a developer or with one recipient
 * alone, hosts that could not answer, or whoever makes the change. `mine` are the recipients of this machine's identities.
 * Throws a FaultsError.
 */
export function refuseLockOut(before: Recipients, after: Recipients, mine: ReadonlySet<string>): void {
  const known = new Set(faultsOf(before).map(renderFault));
  const faults = [
    ...faultsOf(after).filter((fault) => !known.has(renderFault(fault))),
    ...changerFaults(before, after, mine),
  ];
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
}

function faultsOf(recipients: Recipients): Fault[] {
  return [...lockOutFaults(recipients), ...mixedFaults(recipients)];
}

/** Rule by rule, as an edit of recipients leaves them. The hook judges any change (guard/rules/recipients.mjs). */
function changerFaults(
  { rules: before }: Recipients,
  { rules: after }: Recipients,
  mine: ReadonlySet<string>,
): Fault[] {
  const isMine = (recipients: ReadonlySet<string> | undefined) =>
    [...mine].some((one) => recipients?.has(one) === true);
  return after.flatMap(({ name, recipients }, index) =>
    isMine(before[index]?.recipients) && !isMine(recipients)
      ? [
          {
            where: ".sops.yaml",
            name,
            what: "would be closed to you, who makes the change; nothing was changed",
            repair:
              "let somebody do it who stays in it, or have your new identity on this machine beside the former one",
          },
        ]
      : [],
  );
}
