"use strict";
(() => {
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const told = document.getElementById("told");
  const filters = document.getElementById("filters");
  const words = document.getElementById("words");
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const heads = [...table.tHead.rows[0].cells];
  const AT_ONCE = 100;
  const many = (count) => (count === 1 ? "1 engagement" : `${count.toLocaleString("en")} engagements`);

  /* Read once: the keys of each row by column, and its words. */
  const rows = [...body.rows].map((row, place) => ({
    row,
    place,
    keys: heads.map((head, at) => {
      const key = row.cells[at].dataset.key;
      if (key === undefined || key === "") return null;
      return head.dataset.kind === "number" ? Number(key) : key;
    }),
    words: row.textContent.toLowerCase(),
    needs: row.dataset.needs.split(" "),
  }));
  let sorted = "";
  let turn = 0;

  function say() {
    const shown = rows.filter((each) => !each.row.hidden).length;
    const count = shown === rows.length ? `${many(shown)}.` : `${shown.toLocaleString("en")} of ${many(rows.length)} shown.`;
    told.textContent = count + sorted;
  }

  /* Rows are put in place some at a time, the first at once, so that nobody waits for those out of sight. */
  function place(from, mine) {
    if (mine !== turn) return; /* sorted anew in between */
    const part = document.createDocumentFragment();
    part.append(...rows.slice(from, from + AT_ONCE).map((each) => each.row));
    if (from) rows[from - 1].row.after(part);
    else body.prepend(part);
    if (from + AT_ONCE < rows.length) setTimeout(place, 0, from + AT_ONCE, mine);
  }

  /* What is not known stands last, whichever way is sorted; equal rows stay in the order of the page. */
  function sort(at, head) {
    const down = head.getAttribute("aria-sort") === "ascending";
    const numbers = head.dataset.kind === "number";
    const way = down ? -1 : 1;
    rows.sort((one, other) => {
      const a = one.keys[at], b = other.keys[at];
      if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
      return way * (numbers ? a - b : collator.compare(a, b)) || one.place - other.place;
    });
    place(0, ++turn);
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    sorted = ` Sorted by ${head.textContent.replace(/\u00ad/g, "").toLowerCase()}, ${down ? "descending" : "ascending"}.`;
    say();
  }

  function chosen(name) {
    return [...filters.querySelectorAll(`[data-filter=${name}] input:checked`)].map((each) => each.value);
  }

  function filter() {
    const sought = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcomes = chosen("outcome"), conclusions = chosen("conclusion"), needs = chosen("needs");
    for (const each of rows) {
      each.row.hidden = !(
        sought.every((word) => each.words.includes(word)) &&
        (!outcomes.length || outcomes.includes(each.row.dataset.outcome)) &&
        (!conclusions.length || conclusions.includes(each.row.dataset.conclusion)) &&
        needs.every((need) => each.needs.includes(need))
      );
    }
    say();
  }

  heads.forEach((head, at) => {
    if (!head.dataset.kind) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(at, head));
    head.replaceChildren(button);
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("input", filter);
  filters.addEventListener("reset", () => setTimeout(filter));
  filters.hidden = false;
  filter(); /* a browser keeps what was typed when a page is loaded anew */

  /* A link to an engagement that is filtered away shows it; paper holds what is folded. */
  addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1));
    if (row && row.hidden) {
      filters.reset();
      setTimeout(() => row.scrollIntoView());
    }
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));
})();
