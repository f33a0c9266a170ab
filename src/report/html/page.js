"use strict";
// Searching, filtering and opening; without it the page holds the same.
(() => {
  const byId = (id) => document.getElementById(id);
  const changes = [...document.querySelectorAll("details.change")];
  const chips = [...document.querySelectorAll("button.chip")];
  const search = byId("search");
  if (!search) return;
  const [find, found, none, all] = ["find", "found", "none", "all"].map(byId);

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.dataset.action);
    const fits = (change) =>
      words.every((word) => change.dataset.find.includes(word)) &&
      (actions.length === 0 || actions.includes(change.dataset.action));
    let shown = 0;
    for (const change of changes) {
      change.hidden = !fits(change);
      if (!change.hidden) shown += 1;
    }
    found.textContent = `${shown} of ${changes.length}`;
    none.hidden = shown > 0;
    none.textContent = shown > 0 ? "" : "No change matches. Esc shows them all.";
    label();
  };
  const clear = () => {
    find.value = "";
    for (const chip of chips) chip.ariaPressed = "false";
    filter();
  };
  const seen = () => changes.filter((change) => !change.hidden);
  const label = () => {
    const open = seen().every((change) => change.open);
    all.ariaExpanded = String(open);
    all.textContent = open ? "Close all" : "Open all";
  };

  search.hidden = false;
  for (const chip of chips) {
    chip.disabled = false;
    chip.ariaPressed = "false";
    chip.addEventListener("click", () => {
      chip.ariaPressed = String(chip.ariaPressed !== "true");
      filter();
    });
  }
  find.addEventListener("input", filter);
  for (const change of changes) change.addEventListener("toggle", label);
  all.addEventListener("click", () => {
    const open = all.ariaExpanded !== "true";
    for (const change of seen()) change.open = open;
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === "Escape") clear();
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    }
  });

  // A link to a change opens it, also where a filter hides it.
  const follow = () => {
    const change = byId(location.hash.slice(1))?.closest("details.change");
    if (!change) return;
    if (change.hidden) clear();
    change.open = true;
    change.querySelector("summary").focus();
    change.scrollIntoView();
  };
  window.addEventListener("hashchange", follow);
  follow();

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = changes.filter((change) => !change.open);
    for (const change of closed) change.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const change of closed) change.open = false;
  });
  filter();
})();
