// The titles of the lines as buttons: a click shows only that line, and a second click shows all lines. All charts of a
// group show the same selection.

class Legend {
  own = null; // the selected name in a chart without a group
  names = [];

  constructor(root, changed) {
    this.root = root;
    this.changed = () => {
      this.press();
      changed();
    };
    root.addEventListener("click", ({ target }) => {
      const name = target.closest("button")?.value;
      if (name === undefined) return;
      const chosen = name === this.chosen ? null : name;
      if (this.group) isolate(this.group, chosen);
      else {
        this.own = chosen;
        this.changed();
      }
    });
    isolated.addEventListener("change", this.changed);
  }

  get chosen() {
    const name = this.group ? isolated.names.get(this.group) : this.own;
    return this.names.includes(name) ? name : null;
  }

  // A run has space for a legend from the start, because a second line may follow.
  show(lines, shade, { group, legend, run }) {
    this.group = group;
    this.names = lines.map(({ name }) => name);
    this.root.hidden = !legend || (lines.length < 2 && run === null);
    const before = [...this.root.children].map(({ value }) => value);
    if (before.join("\n") !== this.names.join("\n")) this.root.replaceChildren(...lines.map(button));
    lines.forEach(({ name, title, dashed }, at) => {
      const [sample, text] = this.root.children[at].children;
      sample.style.borderTop = `3px ${dashed ? "dashed" : "solid"} ${shade(name)}`;
      text.textContent = title;
    });
    this.press();
  }

  shows = (name) => this.chosen === null || this.chosen === name;

  destroy() {
    isolated.removeEventListener("change", this.changed);
  }

  press() {
    for (const each of this.root.children) {
      each.setAttribute("aria-pressed", each.value === this.chosen);
      each.toggleAttribute("data-faint", !this.shows(each.value));
    }
  }
}

function button({ name }) {
  const made = Object.assign(document.createElement("button"), { type: "button", value: name });
  made.append(document.createElement("i"), document.createElement("span"));
  return made;
}
