// Values shared by the sliders and plots of a view in the browser: a change in one of them updates all.

const store = (window.playgroundValues ??= Object.assign(new EventTarget(), { groups: {} }));

// Adopts the values from Python if their version is new.
function adopt({ group, version, values }) {
  if (store.groups[group]?.version === version) return;
  store.groups[group] = { version, values: { ...values } };
  store.dispatchEvent(new CustomEvent("value", { detail: { group, final: false } }));
}

// `final`: the slider was released, and the values are sent to Python.
function setValue(group, name, value, final) {
  const { values } = store.groups[group];
  if (values[name] === value && !final) return;
  values[name] = value;
  store.dispatchEvent(new CustomEvent("value", { detail: { group, final } }));
}

const valueOf = (group, name) => store.groups[group].values[name];

// The index of the number nearest to a value.
function nearest(numbers, value) {
  let best = 0;
  for (let at = 1; at < numbers.length; at++) {
    if (Math.abs(numbers[at] - value) < Math.abs(numbers[best] - value)) best = at;
  }
  return best;
}
