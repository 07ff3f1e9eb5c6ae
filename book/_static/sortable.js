// A click on a column's head sorts the table by it: numbers by size, words by the alphabet, empty cells last.
// Tables without the class "sortable" are left alone, except those that Pandas writes.
(() => {
  const value = (row, column) => {
    const text = row.cells[column].textContent.trim();
    if (text === "" || text === "-" || text === "NaN" || text === "None") return null;
    const number = parseFloat(text.replace("−", "-").replaceAll(",", ""));
    return Number.isNaN(number) || !/^[-−+]?[\d.,]/.test(text) ? text.toLowerCase() : number;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

  const sort = (table, column, descending) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, place) => ({row, place, value: value(row, column)}));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.place - b.place;
      return (descending ? -1 : 1) * compare(a.value, b.value) || a.place - b.place;
    });
    body.append(...rows.map(({row}) => row));
  };

  const prepare = table => {
    const heads = table.tHead?.rows;
    if (heads?.length !== 1 || !table.tBodies[0] || table.tBodies[0].rows.length < 3) return;
    if ([...table.querySelectorAll("td, th")].some(cell => cell.colSpan > 1 || cell.rowSpan > 1)) return;
    [...heads[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.title = "sort by this column";
      button.append(...head.childNodes);
      if (!button.textContent.trim()) button.textContent = "\u00b7";
      button.setAttribute("aria-label", `sort by ${button.textContent.trim().replace("\u00b7", "the row's name")}`);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, column, descending);
      });
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("table.sortable, table.dataframe").forEach(prepare);
  });
})();
