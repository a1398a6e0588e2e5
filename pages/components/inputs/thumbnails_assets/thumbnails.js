// Small pictures in rows. Each is a button that picks it, or carries one that removes it. Python gets its id.

class Strip {
  constructor(root) {
    this.root = root;
    root.addEventListener("click", ({ target }) => {
      const id = target.closest("button")?.dataset.id;
      if (id) this.component.setTriggerValue("pick", id);
    });
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

// An element keeps one strip: Streamlit calls this again for new data.
const strips = new WeakMap();

export default function (component) {
  const { data, parentElement } = component, root = parentElement.querySelector(".strip");
  if (strips.get(parentElement)?.root !== root) strips.set(parentElement, new Strip(root));
  const strip = strips.get(parentElement);
  strip.component = component;
  strip.show(data);
}
