"use strict";
// A table whose rows all stand on the page is sorted where one presses its head.
(() => {
  const number = (said) => {
    const digits = said.replace(/[^\d.,−-]/g, "").replace("−", "-");
    const decimal = document.documentElement.lang === "en" ? "." : ",";
    return parseFloat(digits.split(decimal === "." ? "," : ".").join("").replace(decimal, "."));
  };
  const sortable = () => document.querySelectorAll("table[data-sortable]").forEach(made);
  sortable();
  document.addEventListener("htmx:after:swap", sortable);
  function made(table) {
    const body = table.tBodies[0];
    if (!body || table.querySelector(".sorts") || body.rows.length < 3 || table.querySelector("thead a")) return;
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorts";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
        const way = head.classList.contains("number") || head.hasAttribute("aria-sort") ? down : 1;
        for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
        const numeric = head.classList.contains("number");
        const said = (row) => row.cells[at].textContent.trim();
        const rows = [...body.rows].sort((one, other) => {
          if (!numeric) return way * said(one).localeCompare(said(other), document.documentElement.lang);
          const [a, b] = [number(said(one)), number(said(other))];
          if (isNaN(a) || isNaN(b)) return isNaN(a) - isNaN(b);
          return way * (a - b);
        });
        body.append(...rows);
      });
    });
  }
})();
