// The program with its selected line, and the object that this line has made. All lines are known: no server is asked.

// Streamlit may remount the component, so the page stores the selected line.
const state = (window.playgroundWorkflow ??= { current: null });

class Program {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    [this.parts, this.code, this.object, this.blocks] = ["parts", "code", "object", "blocks"].map(part);
    [this.back, this.next, this.position, this.explanation] = ["back", "next", "position", "explanation"].map(part);
    this.events = new AbortController();
    const on = (target, event, act) => target.addEventListener(event, act, { signal: this.events.signal });
    on(this.code, "keydown", (event) => this.onKey(event));
    on(this.code, "click", (event) => this.onLine(event.target.closest("[role=option]")));
    on(this.back, "click", () => this.moveTo(state.current - 1));
    on(this.next, "click", () => this.moveTo(state.current + 1));
    on(this.parts, "click", (event) => this.onPart(event.target.closest("button")));
    this.sizes = new ResizeObserver(() => this.rows && this.scrollToLine(this.rows[state.current]));
    this.sizes.observe(this.code);
  }

  show(data) {
    this.data = data;
    const { words, lines, parts } = data;
    state.current = clamp(state.current ?? data.first, 0, lines.length - 1);
    this.back.textContent = `‹ ${words.back}`;
    this.next.textContent = `${words.next} ▸`;
    this.code.setAttribute("aria-label", words.code);
    this.object.setAttribute("aria-label", words.object);
    this.parts.setAttribute("aria-label", words.parts);
    this.drawOnce("partsText", parts, () => this.drawParts());
    this.drawOnce("codeText", lines, () => this.drawCode());
    for (const [number, row] of this.rows.entries()) row.classList.toggle("training", data.training.includes(number));
    this.draw();
  }

  // Draws only if the text of the data has changed, so that nothing flickers while a run trains.
  drawOnce(name, data, draw) {
    const text = JSON.stringify(data);
    if (this[name] === text) return;
    this[name] = text;
    draw();
  }

  drawParts() {
    this.parts.replaceChildren(
      ...this.data.parts.map(([part, title], number) => {
        const button = element("button");
        button.type = "button";
        button.dataset.part = part;
        button.append(element("b", "", String(number + 1)), document.createTextNode(` ${title}`));
        return button;
      }),
    );
  }

  drawCode() {
    const before = this.values ?? new Map(), { scrollTop } = this.code;
    this.values = new Map();
    let changed = null;
    this.rows = this.data.lines.map(({ html, part, indent }, number) => {
      const row = element("div");
      row.innerHTML = html;
      row.id = `workflow-line-${number}`;
      row.setAttribute("role", "option");
      row.dataset.line = number;
      row.style.setProperty("--indent", indent);
      row.classList.toggle("starts", number > 0 && this.data.lines[number - 1].part !== part);
      for (const value of row.querySelectorAll("[data-setting]")) {
        const { setting } = value.dataset;
        this.values.set(setting, value.textContent);
        if (!before.size || before.get(setting) === value.textContent) continue;
        value.classList.add("flash");
        changed ??= row;
      }
      return row;
    });
    this.code.replaceChildren(...this.rows);
    this.code.scrollTop = scrollTop;
    if (changed) this.scrollToLine(changed);
  }

  draw() {
    const { lines, views, printed, words } = this.data, { current } = state, view = views[current];
    const blocks = printed.line === current && printed.block ? [...view.blocks, printed.block] : view.blocks;
    for (const [number, row] of this.rows.entries()) {
      row.setAttribute("aria-selected", number === current);
      row.classList.toggle("later", number > current);
    }
    for (const button of this.parts.children) {
      button.setAttribute("aria-current", button.dataset.part === lines[current].part ? "step" : "false");
    }
    this.code.setAttribute("aria-activedescendant", this.rows[current].id);
    if (this.scrolledTo !== current) this.scrollToLine(this.rows[current]);
    this.scrolledTo = current;
    this.back.disabled = current === 0;
    this.next.disabled = current === lines.length - 1;
    this.position.textContent = fill(words.position, { line: current + 1, lines: lines.length });
    this.drawOnce("objectText", [current, view.text, blocks], () => {
      this.explanation.textContent = view.text;
      this.blocks.replaceChildren(...blocks.map(blockElement));
      this.object.scrollTop = this.drawnLine === current ? this.object.scrollTop : 0;
      this.drawnLine = current;
    });
  }

  // Scrolls the code, not the page, and only if the line is not visible.
  scrollToLine(row) {
    const { scrollTop, clientHeight } = this.code, margin = 2 * row.offsetHeight;
    if (row.offsetTop < scrollTop + margin) this.code.scrollTop = row.offsetTop - margin;
    else if (row.offsetTop + margin + row.offsetHeight > scrollTop + clientHeight) {
      this.code.scrollTop = row.offsetTop + row.offsetHeight + margin - clientHeight;
    }
  }

  onLine(row) {
    if (row) this.moveTo(Number(row.dataset.line));
  }

  onPart(button) {
    if (button) this.moveTo(this.data.lines.findIndex(({ part }) => part === button.dataset.part));
  }

  onKey(event) {
    const { current } = state, last = this.data.lines.length - 1;
    const to = { ArrowLeft: current - 1, ArrowUp: current - 1, ArrowRight: current + 1, ArrowDown: current + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.moveTo(to);
  }

  moveTo(line) {
    state.current = clamp(line, 0, this.data.lines.length - 1);
    this.draw();
  }

  destroy() {
    this.events.abort();
    this.sizes.disconnect();
  }
}

export default mount(".program", Program);
