// Streamlit makes an entry in the browser's history whenever Python writes the address. Here a write replaces the present
// entry, unless pages/components/history.py has announced something else with an address that has `history`:
// "entry": the next address is an entry of its own; "redirect": the next page takes the place of the present entry;
// "page/<name>": the addresses that follow are of that page. They may come before Streamlit has left the page before,
// whose entry must stay as it is.
// It is a part of the document, since the first address may be written before any component is loaded.
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
      if (!pageOf(url)) page = null; // the first page, which announces nothing
    }
    original[method].call(history, state, title, url.href);
  }

  for (const method of Object.keys(original)) {
    history[method] = (state, title, address) => write(method, state, title, address);
  }
  addEventListener("popstate", () => ([announced, page, held] = [null, null, null]), true);
})();
