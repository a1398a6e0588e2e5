// A computational graph: operations and leaves in a grid, arrows between them, and the details of the selected node.

const SVG = "http://www.w3.org/2000/svg";

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

// Appends text to an element. Parts between backticks become code.
function appendText(parent, text) {
  text.split("`").forEach((part, at) => parent.append(at % 2 ? element("code", part) : part));
}

class ComputationalGraph {
  stage = 0;
  kept = 0; // the node that was clicked
  pointed = null;

  constructor(root) {
    this.root = root;
    for (const name of ["stages", "headline", "graph", "details"]) this[name] = root.querySelector(`.${name}`);
    this.resized = new ResizeObserver(() => this.drawArrows());
    this.resized.observe(this.graph);
  }

  destroy() {
    this.resized.disconnect();
  }

  show(data) {
    const text = JSON.stringify(data);
    if (text === this.text) return;
    Object.assign(this, { data, text, stage: Math.min(this.stage, data.stages.length - 1) });
    this.stages.hidden = data.stages.length < 2;
    this.stages.setAttribute("aria-label", data.words.stages);
    this.stages.replaceChildren(
      ...data.stages.map(({ label }, at) => {
        const button = element("button", label, { type: "button" });
        button.onclick = () => {
          this.stage = at;
          this.update();
        };
        return button;
      }),
    );
    this.update();
  }

  update() {
    const { headline, nodes } = this.data.stages[this.stage];
    [...this.stages.children].forEach((button, at) => button.setAttribute("aria-pressed", at === this.stage));
    this.headline.replaceChildren();
    appendText(this.headline, headline);
    this.root.classList.toggle("empty", !nodes.length);
    this.nodes = nodes;
    this.kept = Math.min(this.kept, Math.max(nodes.length - 1, 0));
    this.pointed = null;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.graph.setAttribute("aria-label", this.data.words.graph);
    this.buttons = nodes.map((node, at) => this.button(node, at));
    // In the order of reading: from top to bottom, from left to right
    const order = nodes.map((_, at) => at).sort((a, b) => nodes[a].row - nodes[b].row || nodes[a].column - nodes[b].column);
    const items = order.map((at) => {
      const item = element("div", "", { role: "listitem" });
      item.style.gridArea = `${nodes[at].row + 1} / ${nodes[at].column + 1}`;
      item.append(this.buttons[at]);
      return item;
    });
    this.graph.replaceChildren(this.svg, ...items);
    this.drawArrows();
    this.select();
  }

  button(node, at) {
    const button = element("button", "", { type: "button", class: `node ${node.kind}` });
    button.setAttribute("aria-label", node.label);
    button.append(element("b", node.title), element("small", node.note));
    const point = (value) => () => {
      this.pointed = value;
      this.select();
    };
    button.onpointerenter = button.onfocus = point(at);
    button.onpointerleave = button.onblur = point(null);
    button.onclick = () => {
      this.kept = at;
      this.select();
    };
    return button;
  }

  select() {
    const node = this.nodes[this.pointed ?? this.kept];
    if (!node) return;
    this.buttons.forEach((button, at) => button.classList.toggle("selected", this.nodes[at] === node));
    for (const part of this.svg.children) part.classList.toggle("near", this.nodes[part.dataset.to] === node);
    const facts = element("ul");
    facts.append(...node.facts.map((fact) => element("li", fact)));
    const hint = element("p", this.data.words.hint, { class: "hint" });
    this.details.replaceChildren(element("b", node.heading), element("p", node.explanation), facts, hint);
  }

  drawArrows() {
    if (!this.svg) return;
    const parts = [];
    const origin = this.graph.getBoundingClientRect();
    const boxes = this.buttons.map((button) => button.getBoundingClientRect());
    const middle = (box) => box.left + box.width / 2 - origin.left;
    this.nodes.forEach(({ inputs }, to) => {
      // Arrows end beside each other, in the order of their beginnings
      const sorted = [...new Set(inputs)].sort((a, b) => middle(boxes[a]) - middle(boxes[b]));
      sorted.forEach((from, number) => {
        const x = middle(boxes[from]), y = boxes[from].bottom - origin.top;
        const first = Math.abs(middle(boxes[sorted[0]]) - middle(boxes[to])) < 2 ? 0 : 1;
        const right = middle(boxes[to]) + (number + first) * Math.min(24, boxes[to].width / 6);
        const down = boxes[to].top - origin.top - 6, bend = Math.min((down - y) / 2, 14);
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", `M${x},${y} C${x},${down - bend} ${right},${down - 2 * bend} ${right},${down}`);
        const head = document.createElementNS(SVG, "polygon");
        head.setAttribute("points", `${right - 4},${down - 1} ${right + 4},${down - 1} ${right},${down + 6}`);
        for (const part of [path, head]) part.dataset.to = to;
        parts.push(path, head);
      });
    });
    this.svg.replaceChildren(...parts);
    this.select();
  }
}

export default mount(".computational-graph", ComputationalGraph);
