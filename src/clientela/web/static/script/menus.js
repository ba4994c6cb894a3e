"use strict";
// A menu closes when one presses Escape or elsewhere; without this script it closes where it was opened.
(() => {
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const each of open()) if (!each.contains(event.target)) each.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.activeElement?.closest(".glossary-term")) document.activeElement.blur();
    for (const each of open()) {
      each.open = false;
      each.querySelector("summary").focus();
    }
  });
})();
