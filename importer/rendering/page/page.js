"use strict";
// Filters and sorts the tables of findings. The page says all of it without this, too.
for (const part of document.querySelectorAll("[data-faults]")) {
  const tools = part.querySelector(".tools");
  const text = tools.querySelector("input");
  const rule = tools.querySelector("select");
  const told = tools.querySelector("output");
  const table = part.querySelector("table");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const words = rows.map((row) => row.textContent.toLowerCase());
  tools.hidden = false;
  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = (!rule.value || row.cells[0].textContent.trim() === rule.value) && words[i].includes(wanted);
      row.hidden = !fits;
      shown += fits;
    });
    told.textContent = shown + " of " + rows.length + " shown";
  };
  text.addEventListener("input", filter);
  rule.addEventListener("change", filter);
  filter();
  const order = new Map(rows.map((row, i) => [row, i]));
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => (column === 1 ? order.get(row) : row.cells[column].textContent);
      rows.sort((one, two) => {
        const a = key(one), b = key(two);
        const less = a < b ? -1 : a > b ? 1 : order.get(one) - order.get(two);
        return down ? -less : less;
      });
      body.append(...rows);
    });
  });
}
