// The classes: a logit and a bar for each.

class Classes {
  constructor(root, choose) {
    Object.assign(this, { root, choose, rows: [] });
  }

  build(count) {
    if (this.rows.length === count) return;
    this.rows = Array.from({ length: count }, (_, index) => {
      const row = make("button", "class", make("b", "", String(index)), make("i", "bar"), make("span", "share"));
      row.type = "button";
      row.addEventListener("click", () => this.choose("softmax", index));
      return row;
    });
    this.root.replaceChildren(...this.rows);
  }

  show(probabilities, words) {
    this.build(probabilities.length);
    const highest = Math.max(...probabilities);
    probabilities.forEach((share, index) => {
      const row = this.rows[index], [, bar, text] = row.children;
      bar.style.setProperty("--share", share);
      text.textContent = percent(share);
      row.classList.toggle("highest", share === highest);
      row.setAttribute("aria-label", fill(words.share, { name: index, share: text.textContent }));
    });
  }
}

// Rounded down, so that only a probability of 1 is shown as 100%.
function percent(share) {
  return Number.isFinite(share) ? `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)}%` : "–";
}
