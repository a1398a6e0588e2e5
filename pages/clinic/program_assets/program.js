// The lines of a program. If they are clickable, a click or Enter sends the number of a line to Python.

class ClinicProgram {
  constructor(root) {
    this.root = root;
    this.events = new AbortController();
    const on = (event, act) => root.addEventListener(event, act, { signal: this.events.signal });
    on("click", (event) => this.choose(event.target.closest("[role=option]")));
    on("keydown", (event) => this.onKey(event));
    on("focus", () => this.clickable && this.moveTo(this.current));
  }

  show({ case: name, lines, clickable, words }) {
    const text = JSON.stringify([name, lines, clickable, words]);
    if (text === this.text) return;
    this.text = text;
    if (this.name !== name) [this.name, this.current, this.root.scrollTop] = [name, 0, 0];
    this.clickable = clickable;
    this.root.classList.toggle("clickable", clickable);
    this.root.setAttribute("role", clickable ? "listbox" : "region");
    this.root.setAttribute("aria-label", clickable ? words.clickable : words.program);
    this.root.removeAttribute("aria-activedescendant");
    this.root.replaceChildren(...lines.map((line, position) => this.row(line, position, words)));
    this.options = [...this.root.querySelectorAll("[role=option]")];
    const marked = [...this.root.querySelectorAll(".wrong, .removed, .tried, .added")].at(-1);
    if (marked) this.root.scrollTop = marked.offsetTop - this.root.clientHeight / 2;
  }

  row({ number, html, indent, state }, position, words) {
    const row = document.createElement("div"), code = document.createElement("code"), gutter = document.createElement("span");
    row.className = `line ${state}`;
    row.id = `clinic-line-${position}`;
    row.dataset.line = number;
    row.style.setProperty("--indent", indent);
    gutter.className = "gutter";
    gutter.setAttribute("aria-hidden", "true");
    gutter.textContent = { removed: "−", tried: "?", added: "+", wrong: "✕", correct: "✓" }[state] ?? number;
    if (words[state]) {
      const word = document.createElement("span");
      word.className = "word";
      word.textContent = words[state];
      row.append(word);
    }
    code.innerHTML = html || " ";
    if (this.clickable && html.trim()) row.setAttribute("role", "option");
    row.append(gutter, code);
    return row;
  }

  onKey(event) {
    if (!this.clickable) return;
    const last = this.options.length - 1;
    const to = { ArrowUp: this.current - 1, ArrowDown: this.current + 1, Home: 0, End: last }[event.key];
    if (event.key === "Enter" || event.key === " ") this.choose(this.options[this.current]);
    else if (to === undefined) return;
    else this.moveTo(clamp(to, 0, last));
    event.preventDefault();
  }

  moveTo(position) {
    this.current = position;
    for (const [number, option] of this.options.entries()) option.setAttribute("aria-selected", number === position);
    const option = this.options[position];
    this.root.setAttribute("aria-activedescendant", option.id);
    const { scrollTop, clientHeight } = this.root;
    if (option.offsetTop < scrollTop) this.root.scrollTop = option.offsetTop;
    else if (option.offsetTop + option.offsetHeight > scrollTop + clientHeight) {
      this.root.scrollTop = option.offsetTop + option.offsetHeight - clientHeight;
    }
  }

  choose(option) {
    if (!option) return;
    this.moveTo(this.options.indexOf(option));
    this.component.setTriggerValue("line", Number(option.dataset.line));
  }

  destroy() {
    this.events.abort();
  }
}

export default mount(".clinic-program", ClinicProgram);
