/* SPDX-License-Identifier: BSD-2-Clause */
"use strict";
(() => {
  const table = document.getElementById("answers");
  const dialog = document.getElementById("reasons");
  const body = document.getElementById("reasons-body");
  const only = document.getElementById("only");
  const find = document.getElementById("find");
  const count = document.getElementById("count");
  const rows = Array.from(table.tBodies[0].rows);
  const links = rows.map((row) => Array.from(row.querySelectorAll("td > a")));
  let last = null;

  document.documentElement.classList.add("script");

  const focus = (link) => {
    if (last) last.tabIndex = -1;
    last = link;
    link.tabIndex = 0;
    link.focus();
  };

  const open = (link) => {
    const answer = document.getElementById(link.getAttribute("href").slice(1));
    if (!answer) return;
    last = link;
    const copy = answer.cloneNode(true);
    copy.removeAttribute("id");
    copy.querySelector("h3").id = "reasons-title";
    body.replaceChildren(copy);
    dialog.showModal();
  };

  const shown = () => links.filter((row, i) => !rows[i].hidden);

  const step = (link, key) => {
    const grid = shown();
    const y = grid.findIndex((row) => row.includes(link));
    const x = grid[y].indexOf(link);
    const right = grid[y].length - 1;
    const to = {
      ArrowRight: [y, Math.min(x + 1, right)], ArrowLeft: [y, Math.max(x - 1, 0)],
      ArrowDown: [Math.min(y + 1, grid.length - 1), x], ArrowUp: [Math.max(y - 1, 0), x],
      Home: [y, 0], End: [y, right], PageUp: [0, x], PageDown: [grid.length - 1, x],
    }[key];
    if (to) focus(grid[to[0]][to[1]]);
    return Boolean(to);
  };

  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("td > a");
    if (!link || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      open(link);
      event.preventDefault();
    } else if (step(link, event.key)) {
      event.preventDefault();
    }
  });
  table.addEventListener("click", (event) => {
    const link = event.target.closest("td > a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    focus(link);
    open(link);
  });
  dialog.addEventListener("close", () => last && last.focus());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  const filter = () => {
    const word = find.value.toLowerCase();
    let visible = 0;
    rows.forEach((row) => {
      const good = !row.querySelector("td > a:not(.loads, .left_out)");
      row.hidden = (only.checked && good) || !row.cells[0].textContent.toLowerCase().includes(word);
      visible += row.hidden ? 0 : 1;
    });
    count.textContent = visible + " of " + rows.length;
    const first = shown()[0];
    if (first && (!last || last.closest("tr").hidden)) {
      if (last) last.tabIndex = -1;
      last = first[0];
      last.tabIndex = 0;
    }
  };
  only.addEventListener("change", filter);
  find.addEventListener("input", filter);

  links.flat().forEach((link) => {
    link.tabIndex = -1;
    link.setAttribute("aria-haspopup", "dialog");
  });
  filter();
})();
