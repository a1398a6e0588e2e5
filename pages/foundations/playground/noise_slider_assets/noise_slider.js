// A slider that sends its value to the page while it is dragged, and to Python when it is released.

class NoiseSlider {
  constructor(root) {
    this.root = root;
    this.range = root.querySelector("input");
    this.output = root.querySelector("output");
    this.range.addEventListener("input", () => {
      this.write();
      window.dispatchEvent(new CustomEvent("playground-noise", { detail: Number(this.range.value) }));
    });
    this.range.addEventListener("change", () => this.component.setTriggerValue("noise", Number(this.range.value)));
  }

  show({ label, help, value, low, high, disabled }) {
    this.root.title = help;
    this.root.querySelector(".name").textContent = label;
    Object.assign(this.range, { min: low, max: high, value, disabled });
    this.write();
  }

  write() {
    const { value, max } = this.range;
    this.output.textContent = Number(value).toFixed(2);
    this.range.style.setProperty("--done", `${(100 * value) / max}%`);
  }

  destroy() {}
}

export default mount(".noise", NoiseSlider);
