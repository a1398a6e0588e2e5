// A heat map of losses by row and learning rate at the playhead, without requests to the server.

// From the lowest loss to the highest: the lowest losses stand out from the theme's background.
const RAMPS = {
  light: ["#08306b", "#2171b5", "#6baed6", "#c6dbef", "#eef3f9"],
  dark: ["#e3f2ff", "#8fcbf2", "#3f8ac4", "#22507c", "#182a3d"],
};
const NARROW = 30; // cell width in pixels below which no number fits
const guesses = (window.playgroundGuesses ??= new Map()); // run -> the guessed row, or null

class RateGrid {
  constructor(root) {
    this.root = root;
    for (const part of ["question", "caption", "grid", "skip"]) this[part] = root.querySelector(`.${part}`);
    this.events = new AbortController();
    const on = (target, event, act) => target.addEventListener(event, act, { signal: this.events.signal });
    on(this.grid, "click", ({ target }) => this.click(target.closest("button")));
    on(this.grid, "keydown", (event) => this.move(event));
    on(this.skip, "click", () => this.guess(null));
    on(playhead, "move", () => this.data && this.drawValues());
    on(isolated, "change", () => this.data && this.drawIsolated());
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.grid);
  }

  show(data) {
    const shape = (shown) => shown && JSON.stringify([shown.rates, shown.rows.map(({ name, label }) => [name, label])]);
    const isOther = shape(data) !== shape(this.data);
    this.data = data;
    this.caption.textContent = this.caption.title = data.words.caption;
    this.skip.textContent = data.words.skip;
    this.grid.setAttribute("aria-label", data.alt);
    if (isOther) this.build();
    this.readTheme();
    this.drawValues();
    this.drawIsolated();
    this.fit();
  }

  readTheme() {
    this.theme = themeOf(this.root);
    this.ramp = RAMPS[this.theme].map(rgb);
    this.data.rows.forEach(({ colours }, row) => {
      this.labels[row].style.setProperty("--colour", colours[Number(this.theme === "dark")]);
    });
  }

  build() {
    const { rows, rates, words } = this.data;
    this.grid.style.gridTemplateColumns = `max-content repeat(${rates.length}, minmax(0, 1fr))`;
    this.grid.style.gridTemplateRows = `repeat(${rows.length}, minmax(0, 1fr)) 24px 18px`;
    const button = (className, text) =>
      Object.assign(document.createElement("button"), { type: "button", className, textContent: text, tabIndex: -1 });
    this.labels = rows.map(({ label }) => {
      const made = button("row", "");
      made.append(document.createElement("i"), Object.assign(document.createElement("span"), { textContent: label }));
      return made;
    });
    this.cells = rows.map((_row, row) =>
      rates.map((_rate, column) => Object.assign(button("cell", ""), { row, column })),
    );
    this.columns = rates.map((rate, column) => {
      const made = Object.assign(button("column", rate), { row: rows.length, column });
      made.setAttribute("aria-label", fill(words.column, { rate }));
      made.title = fill(words.column, { rate });
      made.toggleAttribute("data-odd", column % 2 === 1);
      return made;
    });
    const title = Object.assign(document.createElement("div"), { className: "rate", textContent: words.rate });
    const corner = document.createElement("span");
    this.grid.replaceChildren(...this.labels.flatMap((label, row) => [label, ...this.cells[row]]), corner, ...this.columns, title);
    for (const label of this.labels) label.tabIndex = 0;
    this.cells[0][0].tabIndex = 0;
  }

  fit() {
    const width = this.cells?.[0][0].clientWidth ?? 0;
    this.grid.toggleAttribute("data-narrow", width > 0 && width < NARROW);
  }

  // The displayed update; Infinity for the newest.
  step() {
    return playhead.run === this.data.run && playhead.step !== null ? playhead.step : Infinity;
  }

  // The loss of a cell: a number, null after divergence, undefined if not tried yet.
  lossAt(cell, step) {
    const at = cell ? cell.steps.findLastIndex((measured) => measured <= step) : -1;
    return at < 0 ? undefined : cell.losses[at];
  }

  drawValues() {
    const { rows, rates, words, chosen, low, high } = this.data, step = this.step();
    const losses = rows.map(({ cells }) => cells.map((cell) => this.lossAt(cell, step)));
    const newest = rows.map(({ cells }) => cells.map((cell) => this.lossAt(cell, Infinity)));
    const best = newest.map((row) => Math.min(...row.map((loss) => loss ?? Infinity))); // as in the adjacent chart
    rows.forEach(({ name, label }, row) => {
      let isRinged = false;
      rates.forEach((rate, column) => {
        const cell = this.cells[row][column], loss = losses[row][column];
        const text = loss === undefined ? "" : loss === null ? "×" : short(loss);
        if (cell.textContent !== text) cell.textContent = text;
        const spoken = loss === undefined ? words.missing : loss === null ? words.diverged : String(loss);
        const parts = { row: label, rate, loss: spoken, value: typeof loss === "number" ? words.value : "" };
        cell.title = fill(words.cell, parts).replace(/ +/g, " ");
        cell.setAttribute("aria-label", cell.title);
        this.shade(cell, loss, low, high);
        const isBest = !isRinged && newest[row][column] === best[row] && newest[row].some((other) => other !== best[row]);
        const ringed = chosen && chosen.row === null ? chosen.column === column : isBest;
        isRinged ||= ringed;
        cell.toggleAttribute("data-ringed", ringed && loss !== undefined && !this.asksNow);
        cell.setAttribute("aria-pressed", chosen !== null && chosen.row === name && chosen.column === column);
      });
    });
    this.columns.forEach((column, at) => column.setAttribute("aria-pressed", chosen?.row === null && chosen.column === at));
    this.drawQuestion();
  }

  shade(cell, loss, low, high) {
    const share = typeof loss === "number" ? clamp(Math.log(Math.max(loss, low) / low) / Math.log(high / low), 0, 1) : null;
    if (share === null) {
      cell.style.background = cell.style.color = "";
      return;
    }
    const place = share * (this.ramp.length - 1), stop = Math.min(Math.floor(place), this.ramp.length - 2);
    const colour = [0, 1, 2].map((part) => Math.round(mix(this.ramp[stop][part], this.ramp[stop + 1][part], place - stop)));
    cell.style.background = `rgb(${colour})`;
    cell.style.color = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] > 140 ? "#12202e" : "#ffffff";
  }

  // ---- The guess

  get asksNow() {
    return this.data.asks && !guesses.has(this.data.run);
  }

  drawQuestion() {
    const { words, rows, run, asks } = this.data, asksNow = this.asksNow;
    const label = (name) => rows.find((row) => row.name === name)?.label;
    const guess = label(guesses.get(run)), isOver = this.step() === Infinity, winner = label(this.data.winners[0]);
    const isCorrect = this.data.winners.includes(guesses.get(run));
    const result = this.data.winners.length > 1 ? words.tie : isCorrect ? words.correct : words.wrong;
    const text = asksNow
      ? fill(words.question, words)
      : !asks || !guess
        ? ""
        : fill(isOver ? result : words.guessed, { guess, winner });
    this.question.firstChild.textContent = text;
    this.question.dataset.result = asks && guess && isOver ? (isCorrect ? "correct" : "wrong") : "";
    this.skip.hidden = !asksNow;
    this.root.toggleAttribute("data-asks", asksNow);
    document.documentElement.toggleAttribute("data-answered", !asksNow);
    this.question.hidden = asks === null;
    this.labels.forEach((button, row) => {
      button.setAttribute("aria-label", fill(asksNow ? words.guess : words.row, { row: rows[row].label }));
    });
  }

  guess(name) {
    guesses.set(this.data.run, name);
    this.drawQuestion();
    playhead.dispatchEvent(new Event("replay"));
  }

  // ---- User input

  click(button) {
    if (!button) return;
    const row = this.labels.indexOf(button), { rows, group } = this.data;
    if (row >= 0 && this.asksNow) this.guess(rows[row].name);
    else if (row >= 0) {
      const { name } = rows[row];
      isolate(group, isolated.names.get(group) === name ? null : name);
    } else {
      const isPressed = button.getAttribute("aria-pressed") === "true", name = rows[button.row]?.name ?? null;
      if (name && rows[button.row].cells[button.column] === null) return;
      if (this.asksNow) this.guess(null); // selecting a learning rate skips the guess
      this.component.setTriggerValue("choose", isPressed ? {} : { column: button.column, row: name });
      this.focus(button.row, button.column);
    }
  }

  // Only one cell is a Tab stop; the arrow keys move to the other cells.
  move(event) {
    const { row, column } = event.target;
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (row === undefined || down === undefined) return;
    event.preventDefault();
    this.focus(clamp(row + down, 0, this.cells.length), clamp(column + right, 0, this.columns.length - 1));
  }

  focus(row, column) {
    for (const button of [...this.cells.flat(), ...this.columns]) button.tabIndex = -1;
    const button = this.cells[row]?.[column] ?? this.columns[column];
    button.tabIndex = 0;
    button.focus();
  }

  drawIsolated() {
    const name = isolated.names.get(this.data.group) ?? null;
    this.data.rows.forEach((each, row) => {
      this.labels[row].toggleAttribute("data-faint", name !== null && name !== each.name);
      this.labels[row].setAttribute("aria-pressed", name === each.name);
    });
  }

  destroy() {
    document.documentElement.removeAttribute("data-answered");
    this.events.abort();
    this.sizes.disconnect();
  }
}

const short = (loss) => (loss >= 1e-3 && loss < 1e3 ? String(Number(loss.toPrecision(2))) : loss.toExponential(0).replace("e+", "e"));

export default mount(".rate-grid", RateGrid);
