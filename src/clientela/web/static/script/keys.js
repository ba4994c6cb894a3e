"use strict";
// Short ways by keyboard: "g" and a letter goes to a place, "/" to the first field, "?" to the help.
(() => {
  const places = { o: 0, i: "insights", e: "explore", c: "customers", d: "data", a: "administration" };
  let went = 0;
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") return void follow("/help");
    if (event.key === "/") {
      const field = document.querySelector("main input:not([type=hidden]), main select");
      if (field) { event.preventDefault(); field.focus(); }
      return;
    }
    if (event.key === "g") { went = Date.now(); return; }
    if (Date.now() - went < 1500 && event.key in places) {
      const name = places[event.key];
      follow(name ? `/${name}` : "/");
    }
    went = 0;
  });
  function follow(path) {
    const link = document.querySelector(`.places a[href="${path}"], .sheet a[href="${path}"], .top a[href="${path}"]`);
    if (link) location.href = link.href;
  }
})();
