"use strict";
// What a form does without its button: a choice in a filter is shown at once. And a link that copies itself.
(() => {
  let byKey = false; // with the keyboard one passes choices on the way to another: there the button shows it
  document.addEventListener("keydown", () => { byKey = true; }, true);
  document.addEventListener("pointerdown", () => { byKey = false; }, true);
  document.addEventListener("change", (event) => {
    if (byKey) return;
    const form = event.target.closest("form.filter-bar[method=get], form.filter-bar:not([method])");
    if (form && event.target.matches("select:not([multiple])")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form.filter-bar[method=get]")) return; // htmx sends it then
    for (const each of form.elements) if (each.name && each.value === "") each.disabled = true; // a shorter address
    addEventListener("pageshow", () => { for (const each of form.elements) each.disabled = false; }, { once: true });
  });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-copy]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(link.href);
      const said = link.textContent;
      link.textContent = link.dataset.copy;
      setTimeout(() => { link.textContent = said; }, 2000);
    } catch {
      location.href = link.href;
    }
  });
})();
// Work that goes on is asked after every two seconds, where htmx is not there to do it: the page itself stays as it is.
(() => {
  const again = async () => {
    const job = document.querySelector("#job[data-again]");
    if (!job) return;
    try {
      const answer = await fetch(location.href, { headers: { "HX-Request": "true" } });
      const place = answer.headers.get("HX-Redirect");
      if (place) return void location.assign(place);
      if (answer.headers.get("HX-Refresh")) return void location.reload();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("job");
      if (fresh) job.replaceWith(fresh);
    } catch {
      // no answer came; the next one may
    }
    setTimeout(again, 2000);
  };
  setTimeout(again, 2000);
})();
