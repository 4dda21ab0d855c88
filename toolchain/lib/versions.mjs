const VERSION = /(?:^|[^\d.])v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?!\.?\d)/;

/**
 * The first version in what a tool printed about itself ("sops 3.13.3 (latest)", "v3.259.0"), or null when it names none
 * ("(devel)", "version is set by build process").
 *
 * @param {string} text
 * @returns {string | null} e.g. `3.13.3` or `3.260.0-alpha.1`
 */
export function parseVersion(text) {
  const found = VERSION.exec(text);
  return found ? `${Number(found[1])}.${Number(found[2])}.${Number(found[3])}${found[4] ?? ""}` : null;
}

/**
 * Orders two versions as semver does, except that all pre-releases of one version count as equal.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number} below, equal to or above 0
 */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => {
    const [core, ...pre] = version.split("-");
    return [...core.split(".").map(Number), pre.length > 0 ? 0 : 1];
  });
  for (let i = 0; i < 4; i++) if (left[i] !== right[i]) return left[i] - right[i];
  return 0;
}

/**
 * Whether a version is at least `min` and below `below`. A pre-release of `below` does not fit either.
 *
 * @param {string | null} version as `parseVersion` returns it
 * @param {{ min: string, below: string }} range
 * @returns {boolean}
 */
export function fits(version, { min, below }) {
  return version !== null && compareVersions(version, min) >= 0 && compareVersions(version, `${below}-0`) < 0;
}
