// The names of the lines as buttons: one shows its line alone, and once more all of them.

class Legend {
  chosen = null;

  constructor(root, changed) {
    this.root = root;
    root.addEventListener("click", ({ target }) => {
      const name = target.closest("button")?.value;
      if (name === undefined) return;
      this.chosen = name === this.chosen ? null : name;
      this.press();
      changed();
    });
  }

  show(lines, shade) {
    this.root.hidden = lines.length < 2;
    if (!lines.some(({ name }) => name === this.chosen)) this.chosen = null;
    const before = [...this.root.children].map(({ value }) => value);
    if (before.join("\n") !== lines.map(({ name }) => name).join("\n")) this.root.replaceChildren(...lines.map(button));
    lines.forEach(({ name, dashed }, at) => {
      const { style } = this.root.children[at].firstChild;
      style.borderTop = `3px ${dashed ? "dashed" : "solid"} ${shade(name)}`;
    });
    this.press();
  }

  shows = (name) => this.chosen === null || this.chosen === name;

  press() {
    for (const each of this.root.children) {
      each.setAttribute("aria-pressed", each.value === this.chosen);
      each.toggleAttribute("data-faint", !this.shows(each.value));
    }
  }
}

function button({ name }) {
  const made = Object.assign(document.createElement("button"), { type: "button", value: name });
  const sample = document.createElement("i"), text = document.createElement("span");
  text.textContent = name;
  made.append(sample, text);
  return made;
}
