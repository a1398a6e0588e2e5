// Streamlit makes an entry in the browser's history whenever Python writes the address. Here a write replaces the present
// entry, unless pages/components/history.py has announced something else with an address that has `history`:
// "entry": the next address is an entry of its own; "redirect": the next page takes the place of the present entry.
// It is a part of the document, since the first address may be written before any component is loaded.
(() => {
  const original = { pushState: history.pushState, replaceState: history.replaceState };
  let announced = null;

  function write(method, state, title, url) {
    const { pathname, searchParams } = new URL(url ?? "", location.href);
    if (searchParams.has("history")) {
      announced = searchParams.get("history");
      return;
    }
    if (method === "pushState") {
      const samePage = pathname === location.pathname;
      if (samePage ? announced === "entry" : announced === "redirect") {
        method = samePage ? "pushState" : "replaceState";
        announced = null;
      } else if (samePage) {
        method = "replaceState";
      }
    }
    original[method].call(history, state, title, url);
  }

  for (const method of Object.keys(original)) {
    history[method] = (state, title, url) => write(method, state, title, url);
  }
  addEventListener("popstate", () => (announced = null), true);
})();
