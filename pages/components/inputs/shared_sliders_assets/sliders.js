// Sliders in the sidebar. They report to Python when they are released.

class Sliders {
  constructor(root) {
    this.root = root;
    this.events = new AbortController();
    store.addEventListener("value", (event) => this.follow(event.detail), { signal: this.events.signal });
  }

  show(data) {
    this.data = data;
    const names = JSON.stringify(data.sliders);
    if (names !== this.names) this.build(data.sliders);
    this.names = names;
    adopt(data);
    this.draw();
  }

  build(sliders) {
    this.inputs = new Map();
    this.root.replaceChildren(...sliders.map(({ name, label, values }) => {
      const row = document.createElement("label"), input = document.createElement("input");
      const [caption, output] = ["span", "output"].map((kind) => document.createElement(kind));
      caption.textContent = label;
      Object.assign(input, { type: "range", className: "filled", min: 0, max: values.length - 1, step: 1 });
      input.setAttribute("aria-label", label);
      const set = (final) => setValue(this.data.group, name, values[input.value], final);
      input.addEventListener("input", () => set(false));
      input.addEventListener("change", () => set(true));
      row.append(caption, output, input);
      this.inputs.set(name, { input, output });
      return row;
    }));
  }

  follow({ group, final }) {
    if (group !== this.data?.group) return;
    this.draw();
    if (!final) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.report(), 30);
  }

  report() {
    const { version, values } = store.groups[this.data.group];
    this.component.setStateValue("values", { version, values: { ...values } });
  }

  draw() {
    for (const { name, values, texts } of this.data.sliders) {
      const at = nearest(values, valueOf(this.data.group, name)), { input, output } = this.inputs.get(name);
      input.value = at;
      input.style.setProperty("--done", `${(100 * at) / Math.max(values.length - 1, 1)}%`);
      input.setAttribute("aria-valuetext", texts[at]);
      output.textContent = texts[at];
    }
  }

  destroy() {
    clearTimeout(this.waiting);
    this.events.abort();
  }
}

export default mount(".sliders", Sliders);
