// The switch between the parts of a main view on a phone. The style of the page reads data-part.

class PartsSwitch {
  constructor(root) {
    this.root = root;
    this.onClick = ({ target }) => target.dataset.part && this.open(target.dataset.part);
    root.addEventListener("click", this.onClick);
  }

  show({ parts, first }) {
    this.root.replaceChildren(
      ...parts.map(([part, label]) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
        button.dataset.part = part;
        return button;
      }),
    );
    this.open(document.documentElement.dataset.part ?? first);
  }

  open(part) {
    document.documentElement.dataset.part = part;
    for (const button of this.root.children) button.setAttribute("aria-pressed", String(button.dataset.part === part));
  }

  destroy() {
    this.root.removeEventListener("click", this.onClick);
    delete document.documentElement.dataset.part;
  }
}

export default mount(".parts", PartsSwitch);
