// Values that the sliders of a view and its plots share in the browser: what moves one moves all.

const store = (window.playgroundValues ??= Object.assign(new EventTarget(), { groups: {} }));

// Takes over the values of Python where they are of another version than those in the browser.
function adopt({ group, version, values }) {
  if (store.groups[group]?.version === version) return;
  store.groups[group] = { version, values: { ...values } };
  store.dispatchEvent(new CustomEvent("value", { detail: { group, final: false } }));
}

// `final`: the reader has let go, and Python gets the values.
function setValue(group, name, value, final) {
  const { values } = store.groups[group];
  if (values[name] === value && !final) return;
  values[name] = value;
  store.dispatchEvent(new CustomEvent("value", { detail: { group, final } }));
}

const valueOf = (group, name) => store.groups[group].values[name];

// The index of the number that is next to a value.
function nearest(numbers, value) {
  let best = 0;
  for (let at = 1; at < numbers.length; at++) {
    if (Math.abs(numbers[at] - value) < Math.abs(numbers[best] - value)) best = at;
  }
  return best;
}
