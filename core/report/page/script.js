// The page works without this script: it adds filter, order, groups and the choice of colours.
// A module, so that it runs once the page is there. Types are checked: core/report/page/tsconfig.json.
export {};

/** @typedef {HTMLTableRowElement} Row */

const table = /** @type {HTMLTableElement | null} */ (document.querySelector("#list"));
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.controls"));

chooseColours();
openForPrint();
if (table !== null && form !== null) {
  workOn(table, form);
}

/** Light, dark, or what the system says; remembered where the browser lets a page from disk do so. */
function chooseColours() {
  const field = /** @type {HTMLFieldSetElement | null} */ (document.querySelector(".theme"));
  if (field === null) {
    return;
  }
  const choices = /** @type {NodeListOf<HTMLInputElement>} */ (field.querySelectorAll("input"));
  const show = (/** @type {string} */ name) => {
    document.documentElement.dataset["theme"] = name;
    for (const choice of choices) {
      choice.checked = choice.value === name;
    }
  };
  field.addEventListener("change", (event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).value;
    show(name);
    remember(name);
  });
  show(remembered());
  field.hidden = false;
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem("p24-colours", name);
  } catch {
    // Then it is for this time only.
  }
}

function remembered() {
  try {
    const name = localStorage.getItem("p24-colours");
    return name === "light" || name === "dark" ? name : "system";
  } catch {
    return "system";
  }
}

/** What is folded belongs on paper, too. */
function openForPrint() {
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details")].filter((one) => !one.open);
    opened.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((one) => (one.open = false)));
}

/**
 * @param {HTMLTableElement} list
 * @param {HTMLFormElement} controls
 */
function workOn(list, controls) {
  const rows = /** @type {Row[]} */ ([...list.querySelectorAll("tbody tr:not(.group)")]);
  const titles = new Map(rows.map((row) => [groupKey(row), groupTitle(row)]));
  const headings = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("thead th")]);
  const output = /** @type {HTMLOutputElement} */ (controls.querySelector("output"));
  const order = { by: "name", isDown: false };

  /** @param {string} name */
  const field = (name) => /** @type {HTMLInputElement | HTMLSelectElement} */ (controls.elements.namedItem(name));

  const draw = () => {
    for (const row of rows) {
      row.remove();
    }
    const shown = rows.filter((row) => fits(row, (name) => field(name).value));
    shown.sort((a, b) => compare(a, b, order.by) * (order.isDown ? -1 : 1));
    const bodies = groupsOf(shown, field("group").value, field("place").value).map(([key, title, members]) =>
      body(key === "" ? undefined : title, members),
    );
    for (const old of [...list.tBodies]) {
      old.remove();
    }
    list.append(...bodies);
    list.hidden = shown.length === 0;
    const nothing = /** @type {HTMLElement} */ (document.querySelector("#nothing"));
    nothing.hidden = shown.length > 0;
    output.textContent =
      shown.length === rows.length ? `${rows.length} secrets` : `${shown.length} of ${rows.length} secrets`;
    for (const heading of headings) {
      const isOrder = heading.dataset["sort"] === order.by;
      heading.setAttribute("aria-sort", isOrder ? (order.isDown ? "descending" : "ascending") : "none");
    }
    field("order").value = order.by;
  };

  /**
   * Rows by group, in the order of the groups' titles; by place a row stands once at each of its places.
   * @param {Row[]} shown
   * @param {string} by
   * @param {string} place
   * @returns {[key: string, title: string, members: Row[]][]}
   */
  function groupsOf(shown, by, place) {
    if (by === "") {
      return [["", "", shown]];
    }
    /** @type {Map<string, Row[]>} */
    const groups = new Map();
    for (const row of shown) {
      for (const key of keysOf(row, by).filter((one) => by !== "place" || place === "" || one === place)) {
        groups.set(key, [...(groups.get(key) ?? []), row]);
      }
    }
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, members]) => [key === "" ? "none" : key, titleOf(key, by), members]);
  }

  /**
   * @param {string} key
   * @param {string} by
   */
  function titleOf(key, by) {
    switch (by) {
      case "tier":
        return titles.get(key) ?? key;
      case "place":
        return key === "" ? "p24 itself" : decodeURIComponent(key);
      default:
        return key === "" ? "goes nowhere" : key;
    }
  }

  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const by = heading.dataset["sort"] ?? "name";
      order.isDown = order.by === by ? !order.isDown : false;
      order.by = by;
      draw();
    });
  }
  controls.addEventListener("input", () => {
    if (field("order").value !== order.by) {
      order.by = field("order").value;
      order.isDown = false;
    }
    draw();
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("reset", () => {
    order.by = "name";
    order.isDown = false;
    // The fields have their first values after this event, later than a microtask.
    setTimeout(draw);
  });
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-filter]"))) {
    link.addEventListener("click", () => {
      if (link.hash !== "#secrets") {
        return;
      }
      controls.reset();
      const [name = "", value = ""] = (link.dataset["filter"] ?? "").split("=");
      if (name !== "") {
        field(name).value = value;
      }
      draw();
    });
  }
  controls.hidden = false;
  draw();
}

/** The row's tier, by which the page was made. @param {Row} row */
function groupKey(row) {
  return row.dataset["tier"] ?? "";
}

/** @param {Row} row */
function groupTitle(row) {
  const title = row.parentElement?.querySelector("tr.group th")?.firstChild?.textContent;
  return (title ?? "").trim();
}

/**
 * @param {string | undefined} title
 * @param {Row[]} members
 */
function body(title, members) {
  const made = document.createElement("tbody");
  if (title !== undefined) {
    const heading = document.createElement("th");
    heading.scope = "rowgroup";
    heading.colSpan = members[0]?.cells.length ?? 1;
    const count = document.createElement("span");
    count.className = "count";
    count.textContent = String(members.length);
    heading.append(`${title} `, count);
    const row = document.createElement("tr");
    row.className = "group";
    row.append(heading);
    made.append(row);
  }
  // A row that stands in several groups is copied.
  made.append(...members.map((row) => (row.parentElement === null ? row : row.cloneNode(true))));
  return made;
}

/**
 * @param {Row} row
 * @param {string} by
 */
function keysOf(row, by) {
  const value = row.dataset[by === "place" ? "places" : by] ?? "";
  return by === "place" ? value.split(" ") : [value];
}

/**
 * @param {Row} row
 * @param {(name: string) => string} valueOf
 */
function fits(row, valueOf) {
  const { text = "", status = "", places = "", tier, standing = "" } = row.dataset;
  const words = valueOf("text").toLowerCase().split(/\s+/);
  const [wanted, place, age] = [valueOf("status"), valueOf("place"), valueOf("age")];
  return (
    words.every((word) => text.includes(word)) &&
    (wanted === "" || (wanted === "off" ? status !== "in sync" && status !== "" : status === wanted)) &&
    (place === "" || places.split(" ").includes(place)) &&
    (valueOf("tier") === "" || tier === valueOf("tier")) &&
    (age === "" || standing === age || (age === "overdue" && standing === "unknown"))
  );
}

/** From worst to best. */
const RANKS = ["unreachable", "differs", "missing", "stale process", "orphan", "adopted", "in sync", ""];
const KNOWLEDGE = ["unreachable", "present", "recorded", "verified", ""];

/**
 * What is worst, oldest or due first stands first; rows that have nothing to order by stand last.
 * @param {Row} a
 * @param {Row} b
 * @param {string} by
 */
function compare(a, b, by) {
  const [one, other] = [a.dataset[by] ?? "", b.dataset[by] ?? ""];
  const byName = (a.dataset["name"] ?? "") < (b.dataset["name"] ?? "") ? -1 : 1;
  switch (by) {
    case "status":
      return RANKS.indexOf(one) - RANKS.indexOf(other) || byName;
    case "confidence":
      return KNOWLEDGE.indexOf(one) - KNOWLEDGE.indexOf(other) || byName;
    case "ratio":
      return Number(other === "" ? -1 : other) - Number(one === "" ? -1 : one) || byName;
    case "due":
      return (one === "" ? "9" : one) < (other === "" ? "9" : other) ? -1 : one === other ? byName : 1;
    default:
      return one < other ? -1 : one === other ? byName : 1;
  }
}
