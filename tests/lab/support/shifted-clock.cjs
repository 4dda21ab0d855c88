// Preloaded into Node: its clock is as many milliseconds off as CLOCK_OFF_BY_MS says.
const shift = Number(process.env.CLOCK_OFF_BY_MS);
const Real = Date;

globalThis.Date = class Date extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [Real.now() + shift] : parts));
  }
  static now() {
    return Real.now() + shift;
  }
};
