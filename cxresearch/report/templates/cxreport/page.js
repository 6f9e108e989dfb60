"use strict";
(() => {
  const language = document.documentElement.lang;

  const codeSwitch = document.getElementById("code-switch");
  if (codeSwitch && document.querySelector("details.code")) {
    codeSwitch.hidden = false;
    // The page has its code once, in the last section.
    for (const code of document.querySelectorAll("details.code")) {
      const source = document.getElementById(code.dataset.code).cloneNode(true);
      source.removeAttribute("id");
      code.append(source);
    }
    codeSwitch.addEventListener("click", () => {
      const shown = codeSwitch.getAttribute("aria-pressed") !== "true";
      codeSwitch.setAttribute("aria-pressed", shown);
      document.body.classList.toggle("with-code", shown);
      for (const code of document.querySelectorAll("details.code")) code.open = shown;
    });
  }

  // A closed section opens where a link leads to its heading.
  const open = () => {
    const section = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details.section");
    if (section) section.open = true;
  };
  addEventListener("hashchange", open);
  for (const link of document.querySelectorAll("nav a[href^='#']")) link.addEventListener("click", () => setTimeout(open));
  open();

  // Of a long table, or of many cards, the first rows are shown, and the rest where it is asked for.
  const mores = [...document.querySelectorAll("button.more")];
  const fold = () => {
    for (const more of mores) {
      const table = more.closest(".table").querySelector("table");
      more.hidden = !(more.classList.contains("long-table") || table.classList.contains("carded"));
      table.classList.toggle("few", !more.hidden && more.getAttribute("aria-expanded") === "false");
    }
  };
  for (const more of mores) {
    more.addEventListener("click", () => {
      more.setAttribute("aria-expanded", more.getAttribute("aria-expanded") === "false");
      fold();
    });
  }

  // A number or a date is sorted by its key, a text by its words; a cell without either is last.
  const key = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.value ?? (row.dataset.keyed[place] === "1" ? "" : cell.textContent);
  };
  const compare = (one, other) => {
    if (one === "" || other === "") return (one === "") - (other === "");
    const [a, b] = [Number(one), Number(other)];
    return Number.isNaN(a) || Number.isNaN(b) ? one.localeCompare(other, language) : a - b;
  };
  const sort = (table, place) => {
    const heads = [...table.tHead.rows[0].cells];
    const down = heads[place].getAttribute("aria-sort") === "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[place].setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [key(row, place), row]);
    rows.sort(([a], [b]) => (down && a !== "" && b !== "" ? compare(b, a) : compare(a, b)));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.cx")) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 6) continue;  // fewer are seen at a glance
    const heads = [...table.tHead.rows[0].cells];
    const keyed = heads.map((_, place) => Number(rows.some((row) => "value" in row.cells[place].dataset)));
    for (const row of rows) row.dataset.keyed = keyed.join("");
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, place));
      head.append(button);
    });
  }

  // On a phone a table that does not fit is shown as cards, and each cell says its heading.
  const tables = [...document.querySelectorAll(".scroll > table.cx")];
  for (const table of tables) {
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0].rows) {
      [...row.cells].slice(1).forEach((cell, place) => {
        const head = heads[place + 1];
        cell.dataset.heading = /[?:]$/.test(head) ? head : `${head}:`;
      });
    }
  }
  const phone = matchMedia("(max-width: 40rem)");
  const fit = () => {
    for (const table of tables) {
      table.classList.remove("carded");
      const box = table.parentElement;
      table.classList.toggle("carded", phone.matches && box.scrollWidth > box.clientWidth);
    }
    fold();
  };
  fit();
  addEventListener("resize", fit);
  for (const section of document.querySelectorAll("details.section")) section.addEventListener("toggle", fit);

  // Only a box that scrolls is a stop on the way of the Tab key.
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll(".scroll")) watch.observe(box);
})();
