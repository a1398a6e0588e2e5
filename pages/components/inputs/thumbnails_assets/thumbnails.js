// Rows of small images. Each image is a button that selects it or has a button that removes it. Python receives its id.

class Thumbnails {
  constructor(root) {
    this.root = root;
    this.listening = new AbortController();
    root.addEventListener("click", ({ target }) => {
      const id = target.closest("button")?.dataset.id;
      if (id) this.component.setTriggerValue("pick", id);
    }, { signal: this.listening.signal });
  }

  destroy() {
    this.listening.abort();
  }

  show({ pictures, label, removes, words }) {
    const focused = this.root.getRootNode().activeElement?.dataset?.id;
    this.root.setAttribute("aria-label", label);
    this.root.replaceChildren(...pictures.map((picture) => this.item(picture, removes, words)));
    [...this.root.querySelectorAll("button")].find(({ dataset }) => dataset.id === focused)?.focus();
  }

  item({ id, source, name, current }, removes, words) {
    const item = document.createElement("li"), button = document.createElement("button"), image = new Image();
    button.type = "button";
    button.dataset.id = id;
    button.title = removes ? words.remove.replace("{name}", name) : name;
    button.setAttribute("aria-label", button.title);
    image.src = source;
    image.alt = removes ? name : "";
    if (removes) {
      button.className = "remove";
      button.textContent = "×";
      item.append(image, button);
    } else {
      button.className = "choose";
      button.setAttribute("aria-pressed", String(current));
      button.append(image);
      item.append(button);
    }
    return item;
  }
}

export default mount(".strip", Thumbnails);
