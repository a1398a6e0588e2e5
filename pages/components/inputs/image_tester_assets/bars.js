// A bar for each class. The bars stay in place while their lengths change.

class Bars {
  constructor(root) {
    this.root = root;
    this.rows = [];
  }

  show(titles, shares) {
    if (this.rows.length !== titles.length) {
      this.rows = titles.map(() => {
        const row = document.createElement("div");
        row.className = "bar";
        row.innerHTML = "<span></span><i><b></b></i><em></em>";
        return row;
      });
      this.root.replaceChildren(...this.rows);
    }
    const highest = shares ? Math.max(...shares) : null;
    titles.forEach((title, at) => {
      const [name, track, number] = this.rows[at].children, share = shares?.[at];
      name.textContent = name.title = title;
      track.firstChild.style.width = `${100 * (share ?? 0)}%`;
      number.textContent = share === undefined ? "" : `${Math.round(100 * share)}%`;
      this.rows[at].classList.toggle("highest", share !== undefined && share === highest);
    });
  }
}
