// Streamlit adds an entry to the browser's history whenever Python writes the address. Here a write replaces the current
// entry, unless pages/components/history.py has announced otherwise with an address that contains `history`:
// "entry": the next address gets its own entry; "redirect": the next page replaces the current entry;
// "page/<name>": the following addresses belong to that page. They may arrive before Streamlit has left the previous
// page, whose entry must not change.
// This script is part of the document because the first address may be written before any component has loaded.
(() => {
  const original = { pushState: history.pushState, replaceState: history.replaceState };
  let announced = null, page = null, held = null;

  const pageOf = (url) => url.pathname.split("/").pop();

  function announce(what) {
    if (what.startsWith("page/")) [page, held] = [what.slice("page/".length), null];
    else announced = what;
  }

  function write(method, state, title, address) {
    const url = new URL(address ?? "", location.href);
    if (url.searchParams.has("history")) return announce(url.searchParams.get("history"));
    const samePage = url.pathname === location.pathname;
    if (samePage && page && page !== pageOf(url)) {
      held = url.search;
      return;
    }
    if (method === "pushState" && samePage) {
      if (announced === "entry") announced = null;
      else method = "replaceState";
    } else if (method === "pushState") {
      if (held !== null && page === pageOf(url)) url.search = held;
      if (announced === "redirect") method = "replaceState";
      announced = held = null;
      if (!pageOf(url)) page = null; // the first page has no announcement
    }
    original[method].call(history, state, title, url.href);
  }

  for (const method of Object.keys(original)) {
    history[method] = (state, title, address) => write(method, state, title, address);
  }
  addEventListener("popstate", () => ([announced, page, held] = [null, null, null]), true);
})();
