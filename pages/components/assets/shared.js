// Functions shared by the scripts of several components. Python places this file before them in the same module.

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const mix = (from, to, share) => from + (to - from) * share;
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const signed = (text) => String(text).replace("-", "−");

// The colors of values. The color of zero is close to the background, so that maps do not glare in a dark theme.
const VALUE_COLOURS = {
  light: { zero: [255, 255, 255], positive: [0, 114, 178], negative: [213, 94, 0], ink: [16, 24, 32] },
  dark: { zero: [28, 37, 47], positive: [86, 180, 233], negative: [240, 138, 75], ink: [244, 247, 250] },
};
function themeOf(element) {
  const colour = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  return /^#[0-4]/.test(colour) ? "dark" : "light";
}

// Formats a number like pages.components.text.number.
function number(value, notFinite = "–") {
  if (!Number.isFinite(value)) return notFinite;
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 999.5)) return signed(Number(value.toPrecision(3)));
  if (size >= 1e-3 && size < 1e5) return signed(Math.round(value).toLocaleString("en"));
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${signed(Number(mantissa))}e${Number(exponent)}`;
}

// Returns the function that a component exports. It creates one View per element with `new View(root)`, where root is
// the part of the element that the selector matches. `view.show(data)` draws; `view.destroy()` removes the listeners.
//
// Streamlit calls the exported function for new data or a new theme without ending the previous call. It ends only the
// newest call when the element is removed. It also ends a call immediately if a newer call overtook it while the module
// was loading; such a call may come after the newer one. Therefore, only the newest call may destroy the view, and a call
// that is ended immediately returns the view to the previous call.
function mount(selector, View) {
  const views = new WeakMap();
  return (component) => {
    const { data, parentElement } = component, root = parentElement.querySelector(selector);
    let view = views.get(parentElement);
    if (view?.root !== root) {
      view?.destroy();
      view = new View(root);
      views.set(parentElement, view);
    }
    const before = view.component;
    let justCalled = true;
    setTimeout(() => (justCalled = false));
    view.component = component;
    view.show(data);
    return () => {
      if (view.component !== component) return;
      if (justCalled && before) {
        view.component = before;
        view.show(before.data);
        return;
      }
      view.destroy();
      views.delete(parentElement);
    };
  };
}

// The update that the charts and images of a run show. It is stored on the page because every component is a separate
// module. `run` is the id of a run or a recording; `step` is one of its updates, or null for the newest.
const playhead = (window.playgroundPlayhead ??= Object.assign(new EventTarget(), { run: null, step: null }));
function movePlayhead(run, step) {
  Object.assign(playhead, { run, step });
  playhead.dispatchEvent(new Event("move"));
}

// For each group of charts, by name, the only line that its charts show; null or missing means all lines.
const isolated = (window.playgroundIsolated ??= Object.assign(new EventTarget(), { names: new Map() }));
function isolate(group, name) {
  isolated.names.set(group, name);
  isolated.dispatchEvent(new Event("change"));
}
